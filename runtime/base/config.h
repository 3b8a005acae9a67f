/* SPDX-License-Identifier: MIT */
/* Settings from the environment, read once on first use.  config.def lists them. */
#ifndef CW_CONFIG_H
#define CW_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef bool cw_config_bool;
typedef uint64_t cw_config_uint;
typedef uint64_t cw_config_bytes;
typedef const char *cw_config_string;

/* struct cw_config - every setting under its name.  Strings are never NULL. */
struct cw_config {
#define CW_CONFIG(type, name, value, variable, comment) cw_config_##type name;
#include "base/config.def"
#undef CW_CONFIG
};

/* The settings; read on the first call by any thread, constant afterwards. */
const struct cw_config *cw_config(void);

/* One line a setting: variable, default, comment; the value where it was given. */
void cw_config_print(FILE *stream);

/* Parsers, for tests: false and @value_out untouched where @text is malformed. */
bool cw_config_parse_bool(const char *text, bool *value_out);
bool cw_config_parse_uint(const char *text, uint64_t *value_out);
bool cw_config_parse_bytes(const char *text, uint64_t *value_out);

#endif
