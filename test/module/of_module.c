// SPDX-License-Identifier: GPL-2.0
/*
 * A module with a kind of struct_ops, a type and functions of its own, which no module of Debian's
 * kernels has. Whoever is registered is called once, and what it says is in the kernel's log.
 *
 * Built without the kernel's headers and its build system, from what its BTF knows: vmlinux.h.
 * btf_of_module.ts makes the BTF of what is declared here; its ids come from there as numbers.
 */
#include "vmlinux.h"

#define SECTION(name) __attribute__((section(name), used))

/* Without __versions and vermagic it is loaded all the same, as by `modprobe --force`. */
#define MODULE_INFO(tag, text) static const char info_##tag[] SECTION(".modinfo") = #tag "=" text

#define KERN_INFO                                                                                  \
	"\001"                                                                                     \
	"6"

/* Bits of struct btf_id_set8 and an errno, which are macros, so that BTF has no trace of them. */
#define BTF_SET8_KFUNCS 1
#define EINVAL 22

/* What the kernel exports. */
int _printk(const char *format, ...);
int __register_bpf_struct_ops(struct bpf_struct_ops *ops);
int register_btf_kfunc_id_set(enum bpf_prog_type type, const struct btf_kfunc_id_set *set);
bool btf_ctx_access(int offset, int size, enum bpf_access_type type, const struct bpf_prog *prog,
		    struct bpf_insn_access_aux *info);
const struct bpf_func_proto *bpf_base_func_proto(enum bpf_func_id id, const struct bpf_prog *prog);

extern struct module __this_module;

struct of_module {
	int first;
	int second;
};

struct module_ops {
	int (*walk)(struct of_module *what);
	int (*run)(struct of_module *what);
	int number;
};

/* Found by their names, in the BTF and in kallsyms. */
int module_kfunc(int number);
void module_function(void);

__attribute__((noinline)) int module_kfunc(int number)
{
	asm volatile("");
	return 10 * number;
}

__attribute__((noinline)) void module_function(void)
{
	asm volatile("");
}

static const struct {
	u32 count, flags;
	u32 id, id_flags;
} kfuncs = {.count = 1, .flags = BTF_SET8_KFUNCS, .id = MODULE_KFUNC_ID};

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = &__this_module,
	.set = (struct btf_id_set8 *)&kfuncs,
};

static bool is_valid_access(int offset, int size, enum bpf_access_type type,
			    const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	if (offset < 0 || offset % sizeof(u64) || size != sizeof(u64) || type != BPF_READ)
		return false;
	return btf_ctx_access(offset, size, type, prog, info);
}

static const struct bpf_verifier_ops verifier_ops = {
	.get_func_proto = bpf_base_func_proto,
	.is_valid_access = is_valid_access,
};

static int init_kind(struct btf *btf)
{
	return 0;
}

/* 1: it is done. The kernel itself puts the programs where the pointers are. */
static int init_member(const struct btf_type *type, const struct btf_member *member, void *kdata,
		       const void *udata)
{
	if (member->offset / 8 != __builtin_offsetof(struct module_ops, number))
		return 0;
	((struct module_ops *)kdata)->number = ((const struct module_ops *)udata)->number;
	return 1;
}

static int validate(void *kdata)
{
	const struct module_ops *ops = kdata;

	return ops->walk && ops->run ? 0 : -EINVAL;
}

static int reg(void *kdata, struct bpf_link *link)
{
	const struct module_ops *ops = kdata;
	struct of_module what = {.first = 3, .second = 4};

	_printk(KERN_INFO "of_module: number %d, run %d, walk %d\n", ops->number, ops->run(&what),
		ops->walk(&what));
	return 0;
}

static void unreg(void *kdata, struct bpf_link *link)
{
}

/* By its name the kernel finds in the BTF what is known of the arguments. */
static int module_stub(struct of_module *what)
{
	return 0;
}

static struct module_ops stubs = {.walk = module_stub, .run = module_stub};

static struct bpf_struct_ops kind = {
	.verifier_ops = &verifier_ops,
	.init = init_kind,
	.init_member = init_member,
	.validate = validate,
	.reg = reg,
	.unreg = unreg,
	.cfi_stubs = &stubs,
	.owner = &__this_module,
	.name = "module_ops",
};

static int start(void)
{
	int error = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &kfunc_set);

	return error ? error : __register_bpf_struct_ops(&kind);
}

static void end(void)
{
}

MODULE_INFO(name, "of_module");
MODULE_INFO(license, "GPL");

struct module __this_module SECTION(".gnu.linkonce.this_module") = {
	.name = "of_module",
	.init = start,
	.exit = end,
};
