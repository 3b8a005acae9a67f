/* SPDX-License-Identifier: MIT */
/* Build options: what is accepted, what it becomes, what is refused and why. */
#include <errno.h>

#include "front/options.h"
#include "helper.h"

/* Parse and join the arguments for clang with '|'; NULL when refused. */
static const char *parse(const char *text, enum cwc_options_use use, struct cwc_options *options)
{
	static char joined[4096], why[256];
	int error = cwc_options_parse(text, use, options, why, sizeof(why));
	size_t used = 0;

	joined[0] = 0;
	for (unsigned i = 0; i < options->num_args; i++)
		used += snprintf(joined + used, sizeof(joined) - used, "%s%s", i ? "|" : "",
				 options->args[i]);
	cwc_options_finish(options);
	EXPECT(!error || (error == -EINVAL && *why));
	return error ? NULL : joined;
}

static void accepts(const char *text, const char *want)
{
	struct cwc_options options;
	const char *got = parse(text, CWC_OPTIONS_BUILD, &options);

	if (got && !strcmp(got, want))
		return;
	fprintf(stderr, "'%s': '%s', not '%s'\n", text, got ? got : "refused", want);
	failures++;
}

static void refuses(const char *text, enum cwc_options_use use)
{
	struct cwc_options options;

	if (!parse(text, use, &options))
		return;
	fprintf(stderr, "'%s' was accepted\n", text);
	failures++;
}

static void check_flags(void)
{
	struct cwc_options options;
	char why[256];

	EXPECT(!cwc_options_parse("-cl-opt-disable -cl-kernel-arg-info -g -cl-std=CL3.0",
				  CWC_OPTIONS_BUILD, &options, why, sizeof(why)));
	EXPECT(options.opt_disable && options.arg_info && options.debug && options.std == 300);
	EXPECT(!options.uniform_groups && !options.cplusplus);
	cwc_options_finish(&options);
	EXPECT(!cwc_options_parse(NULL, CWC_OPTIONS_BUILD, &options, why, sizeof(why)));
	EXPECT(options.uniform_groups && options.std == 120);
	cwc_options_finish(&options);
	EXPECT(!cwc_options_parse("-create-library -enable-link-options -cl-no-signed-zeros",
				  CWC_OPTIONS_LINK, &options, why, sizeof(why)));
	EXPECT(options.create_library && options.enable_link_options && !options.num_args);
	cwc_options_finish(&options);
	EXPECT(!cwc_options_parse("-cl-std=CLC++2021", CWC_OPTIONS_BUILD, &options, why,
				  sizeof(why)));
	EXPECT(options.cplusplus);
	cwc_options_finish(&options);
}

int main(void)
{
	static const char *const words[] = {
		"-foo", "-D",	"-I",	  "-cl-std=CL9.9",   "-x spir", "-spir-std=1.2",
		"-O2",	"word", "\"-D X", "-create-library", "-D \"\"", "-cl-mad-enabled",
	};

	accepts("", "-cl-std=CL1.2");
	accepts(" \t\n", "-cl-std=CL1.2");
	accepts("-D A -DB=2 -D C=\"x y\" -D \"E F\"", "-D|A|-D|B=2|-D|C=x y|-D|E F|-cl-std=CL1.2");
	accepts("-DSTR=\\\"s\\\" -D T='\"'", "-D|STR=\"s\"|-D|T=\"|-cl-std=CL1.2");
	accepts("-I /a -I\"/b c\" -I /d\\ e", "-I|/a|-I|/b c|-I|/d e|-cl-std=CL1.2");
	accepts("-cl-std=CL2.0 -w -Werror -cl-fast-relaxed-math",
		"-w|-Werror|-cl-fast-relaxed-math|-cl-std=CL2.0");
	accepts("-cl-strict-aliasing -cl-no-subgroup-ifp -cl-std=CL3.0", "-cl-std=CL3.0");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		refuses(words[i], CWC_OPTIONS_BUILD);
		refuses(words[i], CWC_OPTIONS_COMPILE);
	}
	refuses("-D X", CWC_OPTIONS_LINK);
	refuses("-cl-std=CL3.0", CWC_OPTIONS_LINK);
	refuses("-enable-link-options", CWC_OPTIONS_LINK);
	check_flags();
	return failures != 0;
}
