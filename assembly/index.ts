import './abort';
import {openObject} from './object/bpf_object';
import {Faults} from './fault/faults';
export function abiVersion(): u32 {
  return 1;
}
export function tryit(a: usize, n: u32, m: usize): i32 { const f=new Faults(); return openObject(a,n,m,f)===null? 1: f.count; }
