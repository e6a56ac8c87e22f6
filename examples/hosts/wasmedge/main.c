/*
 * main CORE OBJECT BTF: a host of the core in C, with the engine WasmEdge. The plan goes to
 * standard output; where there is none, its faults as JSON, with exit code 1.
 */
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

/* docs/embedding.md has the ABI. */
enum {
	ABI_VERSION = 2
};
enum input_kind {
	KIND_OBJECT = 1,
	KIND_KERNEL_BTF = 2,
	KIND_OBJECT_NAME = 5
};

static WasmEdge_VMContext *vm;

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "error: %s: %s\n", what, why);
	exit(2);
}

static void check(const char *what, WasmEdge_Result result)
{
	if (!WasmEdge_ResultOK(result))
		fail(what, WasmEdge_ResultGetMessage(result));
}

static uint32_t call(const char *name, const WasmEdge_Value *parameters, uint32_t count)
{
	WasmEdge_Value result;

	check(name, WasmEdge_VMExecute(vm, WasmEdge_StringWrap(name, (uint32_t)strlen(name)),
				       parameters, count, &result, 1));
	return (uint32_t)WasmEdge_ValueGetI32(result);
}

static WasmEdge_MemoryInstanceContext *memory(void)
{
	return WasmEdge_ModuleInstanceFindMemory(WasmEdge_VMGetActiveModule(vm),
						 WasmEdge_StringWrap("memory", 6));
}

static void give(enum input_kind kind, const uint8_t *bytes, size_t size)
{
	WasmEdge_Value parameters[] = {WasmEdge_ValueGenI32((int32_t)kind),
				       WasmEdge_ValueGenI32((int32_t)size)};
	uint32_t at = call("input", parameters, 2);

	if (at == 0)
		fail("input", "the core does not take it");
	check("input", WasmEdge_MemoryInstanceSetData(memory(), bytes, at, (uint32_t)size));
}

static void give_file(enum input_kind kind, const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long size;

	if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		fail(path, "cannot be read");
	rewind(file);
	bytes = malloc((size_t)size);
	if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
		fail(path, "cannot be read");
	fclose(file);
	give(kind, bytes, (size_t)size);
	free(bytes);
}

int main(int argc, char **argv)
{
	const char *name;
	uint32_t status, size;

	if (argc != 4)
		fail("usage", "main CORE OBJECT BTF");
	vm = WasmEdge_VMCreate(NULL, NULL);
	check(argv[1], WasmEdge_VMLoadWasmFromFile(vm, argv[1]));
	check(argv[1], WasmEdge_VMValidate(vm));
	check(argv[1], WasmEdge_VMInstantiate(vm));
	if (call("abiVersion", NULL, 0) != ABI_VERSION)
		fail(argv[1], "it has another ABI");

	give_file(KIND_KERNEL_BTF, argv[3]);
	give_file(KIND_OBJECT, argv[2]);
	name = basename(argv[2]);
	give(KIND_OBJECT_NAME, (const uint8_t *)name, strlen(name));
	status = call("makePlan", NULL, 0);
	size = call("outputSize", NULL, 0);
	fwrite(WasmEdge_MemoryInstanceGetPointerConst(memory(), call("outputPointer", NULL, 0),
						      size),
	       1, size, stdout);
	WasmEdge_VMDelete(vm);
	return (int)status;
}
