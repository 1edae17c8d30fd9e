/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the proofs of initpkt need to know of bits. The provers of Frama-C
 * reason about integers, so these facts are axioms to them; bits.smt2
 * states each of them over words of 64 bits, and wp.sh proves it there first.
 */
/*@
  logic integer power_of_two(integer n) =
      n == 0 ? 1 : n == 1 ? 2 : n == 2 ? 4 : n == 3 ? 8 : n == 4 ? 16 :
      n == 5 ? 32 : n == 6 ? 64 : n == 7 ? 128 : n == 8 ? 256 :
      n == 9 ? 512 : n == 10 ? 1024 : n == 11 ? 2048 : n == 12 ? 4096 :
      n == 13 ? 8192 : n == 14 ? 16384 : 32768;

  axiomatic bits {
    axiom bit_is_division:
      \forall integer x, n; 0 <= x <= 0xFFFF && 0 <= n <= 15 ==>
          ((x >> n) & 1) == (x / power_of_two(n)) % 2;

    axiom byte_shift:
      \forall integer x; 0 <= x <= 0xFFFFFFFF ==>
          (x << 8) == x * 0x100 && (x << 16) == x * 0x10000 &&
          (x << 24) == x * 0x1000000 && (x << 32) == x * 0x100000000;

    axiom single_bit:
      \forall integer n; 0 <= n <= 15 ==> 0 <= (1 << n) <= 0x8000;

    axiom varint_group:
      \forall integer b, s; 0 <= b <= 255 && 0 <= s <= 28 && s % 7 == 0 &&
          (s == 28 ==> b <= 15) ==> 0 <= ((b & 0x7F) << s) <= 0xFFFFFFFF;
  }
*/
