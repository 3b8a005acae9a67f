/* SPDX-License-Identifier: MIT */
#ifndef CWC_OFFLINE_H
#define CWC_OFFLINE_H

/* causeway-cc as a command for people: the process's exit status. */
int cwc_offline(int argc, char **argv);

#endif
