/*
 * What is left after confine(): argv[1] names something that must end the process, or "allowed" for
 * all that must not.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../shim/confine.h"

static void allowed(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[8192];
	ssize_t size = read(fd, text, sizeof(text));

	close(fd);
	munmap(memory, 4096);
	/* Without an fd, so it asks nothing of this machine's kernel. */
	syscall(SYS_bpf, BPF_MAP_FREEZE, NULL, 0);
	privileges_use(~UINT64_C(0));
	privileges_limit(0);
	if (size > 0 && write(STDOUT_FILENO, text, (size_t)size) != size)
		_exit(4);
}

static void forbidden(const char *what)
{
	static char *const no_arguments[] = {NULL};

	if (strcmp(what, "execve") == 0)
		syscall(SYS_execve, "/bin/true", no_arguments, no_arguments);
	if (strcmp(what, "socket") == 0)
		syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	if (strcmp(what, "clone") == 0)
		syscall(SYS_clone, 17, 0, 0, 0, 0);
	if (strcmp(what, "ptrace") == 0)
		syscall(SYS_ptrace, 0, 0, 0, 0);
	if (strcmp(what, "write a file") == 0)
		syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY);
	if (strcmp(what, "create a file") == 0)
		syscall(SYS_openat, AT_FDCWD, "/tmp/structops-confine", O_RDONLY | O_CREAT, 0600);
	if (strcmp(what, "make code") == 0)
		syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	if (strcmp(what, "mprotect") == 0)
		syscall(SYS_mprotect, 0, 0, PROT_READ);
	if (strcmp(what, "BPF_PROG_ATTACH") == 0)
		syscall(SYS_bpf, BPF_PROG_ATTACH, NULL, 0);
	if (strcmp(what, "BPF_PROG_TEST_RUN") == 0)
		syscall(SYS_bpf, BPF_PROG_TEST_RUN, NULL, 0);
	if (strcmp(what, "x32") == 0)
		syscall(0x40000000 | SYS_read, 0, 0, 0);
}

int main(int argc, char **argv)
{
	const char *doing = "";

	if (argc != 2 || confine(true, &doing) != 0) {
		fprintf(stderr, "cannot %s\n", doing);
		return 3;
	}
	if (strcmp(argv[1], "allowed") == 0)
		allowed();
	else
		forbidden(argv[1]);
	return 0;
}
