#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "sys_files.h"
#include "values.h"

/* Above what any kernel can have, and what cannot overflow. */
#define CPUS_MAX (1u << 20)
/* Files of sysfs have at most a page. */
#define TEXT_SIZE_MAX 4096

static bool fail(struct step_failure *failure, const char *reason, const char *file, int error)
{
	*failure = (struct step_failure){.reason = reason, .file = file, .error = error};
	return false;
}

/* The whole of a small file of text, ended by NUL. */
static bool read_text(const char *file, char text[TEXT_SIZE_MAX], struct step_failure *failure)
{
	int fd = sys_open(file);
	size_t size = 0;
	ssize_t got = 1;

	if (fd < 0)
		return fail(failure, "file_unreadable", file, fd);
	while (got > 0 && size < TEXT_SIZE_MAX) {
		got = read(fd, text + size, TEXT_SIZE_MAX - size);
		size += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		fail(failure, "file_unreadable", file, -errno);
	close(fd);
	if (got < 0)
		return false;
	if (size == TEXT_SIZE_MAX)
		return fail(failure, "file_not_understood", file, 0);
	text[size] = '\0';
	return true;
}

/* A decimal number at *text, which moves behind it. */
static bool parse_number(const char **text, uint64_t *number)
{
	const char *first = *text;

	for (*number = 0; **text >= '0' && **text <= '9'; ++*text) {
		if (__builtin_mul_overflow(*number, 10u, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(**text - '0'), number))
			return false;
	}
	return *text != first;
}

/* "3" or "0-3" at *text, which moves behind it. */
static bool parse_range(const char **text, uint64_t *first, uint64_t *last)
{
	if (!parse_number(text, first))
		return false;
	*last = *first;
	if (**text != '-')
		return true;
	++*text;
	return parse_number(text, last);
}

/* How many CPUs a list such as "0-3,8\n" has: ascending, as the kernel writes it. */
static bool count_cpus(const char *text, uint64_t *count)
{
	uint64_t next = 0, first, last;

	*count = 0;
	while (parse_range(&text, &first, &last) && first >= next && last >= first &&
	       last < CPUS_MAX) {
		*count += last - first + 1;
		next = last + 1;
		if (*text != ',')
			return strcmp(text, "\n") == 0;
		text++;
	}
	return false;
}

/* libbpf_num_possible_cpus() reads the same file: per-CPU things of the kernel are that many. */
static bool read_possible_cpus(struct values *values, struct step_failure *failure)
{
	char text[TEXT_SIZE_MAX];

	return read_text(SYS_POSSIBLE_CPUS, text, failure) &&
	       (count_cpus(text, &values->possible_cpus) ||
		fail(failure, "file_not_understood", SYS_POSSIBLE_CPUS, 0));
}

static bool read_hotplug_seq(struct values *values, struct step_failure *failure)
{
	char text[TEXT_SIZE_MAX];
	const char *at = text;

	return read_text(SYS_HOTPLUG_SEQ, text, failure) &&
	       ((parse_number(&at, &values->hotplug_seq) && strcmp(at, "\n") == 0) ||
		fail(failure, "file_not_understood", SYS_HOTPLUG_SEQ, 0));
}

static const struct ksym *ksym_of(const struct values *values, const struct plan *plan,
				  const struct plan_patch *patch)
{
	bool found;

	return &values->ksyms[plan_symbol_find(plan, (const char *)plan->blob + patch->size,
					       &found)];
}

static bool check_ksym(const struct values *values, const struct plan *plan,
		       const struct plan_patch *patch, struct step_failure *failure)
{
	const struct ksym *ksym = ksym_of(values, plan, patch);
	bool weak = patch->source == VALUE_WEAK_KSYM_LOW || patch->source == VALUE_WEAK_KSYM_HIGH;

	if (ksym->ambiguous)
		fail(failure, "symbol_ambiguous", SYS_KALLSYMS, 0);
	else if (!ksym->found && !weak)
		fail(failure, "symbol_missing", SYS_KALLSYMS, 0);
	else
		return true;
	failure->symbol = (const char *)plan->blob + patch->size;
	return false;
}

static bool read_value(struct values *values, const struct plan *plan,
		       const struct plan_patch *patch, struct step_failure *failure)
{
	uint32_t kind = value_has_symbol(patch->source) ? VALUE_KSYM_LOW : patch->source;
	bool known = (values->known & 1u << kind) != 0;

	values->known |= 1u << kind;
	if (kind == VALUE_POSSIBLE_CPUS)
		return known || read_possible_cpus(values, failure);
	if (kind == VALUE_HOTPLUG_SEQ)
		return known || read_hotplug_seq(values, failure);
	return (known || ksyms_read(values->ksyms, plan, failure)) &&
	       check_ksym(values, plan, patch, failure);
}

bool values_read(struct values *values, const struct plan *plan, const struct plan_step *step,
		 struct step_failure *failure)
{
	for (uint32_t i = 0; i < step->patch_count; i++) {
		const struct plan_patch *patch = &plan->patches[step->patch_first + i];

		if (patch_is_value(patch) && !read_value(values, plan, patch, failure))
			return false;
	}
	return true;
}

uint64_t value_of(const struct values *values, const struct plan *plan,
		  const struct plan_patch *patch)
{
	switch (patch->source) {
	case VALUE_POSSIBLE_CPUS:
		return values->possible_cpus;
	case VALUE_HOTPLUG_SEQ:
		return values->hotplug_seq;
	case VALUE_KSYM_HIGH:
	case VALUE_WEAK_KSYM_HIGH:
		return ksym_of(values, plan, patch)->address >> 32;
	default: /* the low half: a patch writes as many bytes as it is wide */
		return ksym_of(values, plan, patch)->address;
	}
}
