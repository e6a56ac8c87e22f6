#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "sys_files.h"
#include "values.h"

/* The file is read in pieces; a line has a name of at most 511 bytes and that of a module. */
struct reader {
	int fd;
	size_t start, end; /* of what is not yet used */
	char bytes[65536];
};

/* A line: "ffffffff81000000 T name", and after it, of a module, "\t[module]". */
struct line {
	uint64_t address;
	char type;
	char *name;
};

static bool fail(struct step_failure *failure, const char *reason, int error)
{
	*failure = (struct step_failure){.reason = reason, .file = SYS_KALLSYMS, .error = error};
	return false;
}

/* The next line, ended by NUL; NULL at the end of the file, or when there is a failure. */
static char *next_line(struct reader *reader, struct step_failure *failure)
{
	for (;;) {
		char *line = reader->bytes + reader->start;
		size_t rest = reader->end - reader->start;
		char *newline = memchr(line, '\n', rest);
		ssize_t got = 0;

		if (newline != NULL) {
			*newline = '\0';
			reader->start += (size_t)(newline + 1 - line);
			return line;
		}
		memmove(reader->bytes, line, rest);
		reader->start = 0;
		reader->end = rest;
		if (rest < sizeof(reader->bytes))
			got = read(reader->fd, reader->bytes + rest, sizeof(reader->bytes) - rest);
		if (got < 0)
			fail(failure, "file_unreadable", -errno);
		else if (got == 0 && rest != 0)
			fail(failure, "file_not_understood", 0);
		if (got <= 0)
			return NULL;
		reader->end += (size_t)got;
	}
}

/* Takes a line apart. Whether that can be done. */
static bool parse_line(char *text, struct line *line)
{
	int digits = 0;

	line->address = 0;
	for (; digits < 16; digits++) {
		char digit = text[digits];
		unsigned value = digit >= '0' && digit <= '9'	? (unsigned)(digit - '0')
				 : digit >= 'a' && digit <= 'f' ? (unsigned)(digit - 'a') + 10
								: 16;

		if (value == 16)
			break;
		line->address = line->address << 4 | value;
	}
	if (digits == 0 || text[digits] != ' ' || text[digits + 1] == '\0' ||
	    text[digits + 2] != ' ')
		return false;
	line->type = text[digits + 1];
	line->name = text + digits + 3;
	line->name[strcspn(line->name, " \t")] = '\0';
	return line->name[0] != '\0';
}

/*
 * As libbpf's bpf_object__read_kallsyms_file(): link-time optimisation gives local data a suffix,
 * and a name that stands for two addresses stands for none.
 */
static void take_line(const struct line *line, struct ksym *ksyms, const struct plan *plan)
{
	char *suffix = line->type == 'd' ? strstr(line->name, ".llvm.") : NULL;
	struct ksym *ksym;
	bool wanted;

	if (suffix != NULL)
		*suffix = '\0';
	ksym = &ksyms[plan_symbol_find(plan, line->name, &wanted)];
	if (!wanted)
		return;
	ksym->ambiguous |= ksym->found && ksym->address != line->address;
	ksym->address = line->address;
	ksym->found = true;
}

static bool read_lines(struct reader *reader, struct ksym *ksyms, const struct plan *plan,
		       struct step_failure *failure)
{
	bool visible = false;
	struct line line;
	char *text;

	while ((text = next_line(reader, failure)) != NULL) {
		if (!parse_line(text, &line))
			return fail(failure, "file_not_understood", 0);
		visible |= line.address != 0;
		take_line(&line, ksyms, plan);
	}
	if (failure->reason != NULL)
		return false;
	/* Without CAP_SYSLOG, or with kptr_restrict 2, the kernel shows every address as 0. */
	return visible || fail(failure, "addresses_hidden", 0);
}

bool ksyms_read(struct ksym *ksyms, const struct plan *plan, struct step_failure *failure)
{
	static struct reader reader;
	bool done;

	memset(ksyms, 0, plan->symbol_count * sizeof(ksyms[0]));
	reader.start = reader.end = 0;
	reader.fd = sys_open(SYS_KALLSYMS);
	if (reader.fd < 0)
		return fail(failure, "file_unreadable", reader.fd);
	done = read_lines(&reader, ksyms, plan, failure);
	close(reader.fd);
	return done;
}
