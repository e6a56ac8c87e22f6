import {release, version} from 'node:os';
import {InputError} from '../errors.js';
import {readInput} from './open_input.js';

/** What Ubuntu's kernels say of the version that they are made from. */
const VERSION_SIGNATURE = '/proc/version_signature';
const SIGNATURE_BYTES_MAX = 4096;

/** Where a running kernel tells its version. */
export interface VersionSources {
  /** The text of /proc/version_signature, such as `Ubuntu 6.8.0-45.45-generic 6.8.12`. */
  readonly signature?: string | undefined;
  /** `uname -v`, such as `#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-01)`. */
  readonly version: string;
  /** `uname -r`, such as `6.12.107+deb13-amd64`. */
  readonly release: string;
}

/**
 * The version of a kernel as its object would be told it, such as `6.12.107`; undefined when no
 * source has three numbers.
 *
 * The release alone would not do: Debian's and Ubuntu's name the series that the package keeps
 * compatible with, not the sources (`get_kernel_version` of libbpf).
 */
export function kernelVersionOf({signature = '', version, release}: VersionSources) {
  const found =
    /^\s*\S+\s+\S+\s+(\d+\.\d+\.\d+)/.exec(signature) ??
    /Debian (\d+\.\d+\.\d+)/.exec(version) ??
    /^(\d+\.\d+\.\d+)/.exec(release);
  return found?.[1];
}

/** That of the running kernel. */
export function runningKernelVersion(): string | undefined {
  return kernelVersionOf({
    signature: readSignature(),
    version: version(),
    release: release(),
  });
}

function readSignature(): string | undefined {
  try {
    const bytes = readInput(VERSION_SIGNATURE, "the kernel's version", SIGNATURE_BYTES_MAX);
    return new TextDecoder().decode(bytes);
  } catch (error) {
    // Only Ubuntu's kernels have it.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
