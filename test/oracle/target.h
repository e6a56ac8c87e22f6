/*
 * The machine that libbpf believes to be on. What libbpf would look up outside of bpf(2), it finds
 * in these files; everything else below /sys, /proc and /boot is not there, so that nothing of the
 * machine that the program runs on gets into its answers.
 *
 * Link with what WRAPS of build_with_libbpf.ts names: the functions are put before libc's.
 */
#ifndef TARGET_H
#define TARGET_H

struct target {
	const char *release; /* what uname -r says: "6.12.117+deb13-cloud-amd64" */
	const char *btf;     /* path of the file that is /sys/kernel/btf/vmlinux */
	const char *kconfig; /* path of the file that is /proc/config.gz; NULL: there is none */
};

extern struct target target;

/* KERNEL_VERSION(6, 12, 0) of target.release, or 0 if it does not begin with two numbers. */
unsigned int target_version(void);

#endif
