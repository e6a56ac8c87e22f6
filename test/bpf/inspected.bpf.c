// SPDX-License-Identifier: GPL-2.0
/* For `structops inspect`: globals of every form that C can declare, programs, externs. */
#include "tcp_kernel.h"
#include "tcp_helpers.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

typedef unsigned long u64;

struct unknown;

struct known {
	int a;
};

typedef int (*callback_t)(struct known *known, ...);

union choice {
	int a;
	char b;
};

enum state {
	IDLE,
	BUSY,
};

struct with_a_name_that_takes_much_room {
	int a;
};

#define LONG struct with_a_name_that_takes_much_room *

u64 number = 1;
int table[2][3] = {{1}};
const char text[6] = "hello";
char *pointer;
char *const constant_pointer;
const char *const **pointers;
int (*to_array)[4];
int (*to_function)(struct known *known, u64 number, void *context);
callback_t of_typedef[3];
void (*variadic)(int count, ...);
void (*(*returns_function)(int number))(void);
int *(*functions[2])(void);
struct {
	int a;
	union {
		int b;
	};
} anonymous;
union choice a_union;
enum state an_enum;
struct unknown *unknown;
double real;
bool flag;
volatile u64 *volatile volatile_pointer;
static volatile int not_global;
int (*long_one)(LONG a, LONG b, LONG c, LONG d, LONG e, LONG f, LONG g);

extern int CONFIG_HZ __kconfig __weak;
extern void a_kfunc(struct sock *sk) __ksym __weak;
extern const struct known a_typed_ksym __ksym;
extern const void an_address __ksym;

struct some_ops {
	unsigned int zero : 3;
	unsigned int low : 5;
	unsigned long wide : 40;
	char label[8];
	char raw[4];
	enum state mode;
	void (*run)(struct sock *sk);
	void (*not_set)(struct sock *sk);
	void *data;
};

struct some_ops___later {
	void (*run)(struct sock *sk);
};

SEC("struct_ops/run")
void BPF_PROG(inspected_run, struct sock *sk)
{
	not_global += CONFIG_HZ;
	if (a_kfunc)
		a_kfunc(sk);
}

SEC("?struct_ops.s")
int BPF_PROG(inspected_sleeps, struct sock *sk)
{
	return a_typed_ksym.a;
}

SEC("syscall")
int inspected_syscall(void *context)
{
	return &an_address != context;
}

SEC("xdp")
int inspected_other(void *context)
{
	return 2;
}

SEC(".struct_ops")
struct some_ops now = {
	.low = 3,
	.wide = 1,
	.label = "hey",
	.raw = {1, 2, 3, 4},
	.mode = BUSY,
	.run = (void *)inspected_run,
};

SEC("?.struct_ops.link")
struct some_ops___later later;
