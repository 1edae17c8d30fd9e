; SPDX-License-Identifier: Apache-2.0 OR MIT
;
; The axioms of bits.h in the same order, over words of 64 bits, in which no
; shift below loses a bit. Each is proved when its negation is unsatisfiable.
(set-logic QF_BV)
(set-option :global-declarations true)
(define-fun below ((x (_ BitVec 64)) (n (_ BitVec 64))) Bool (bvult x n))
(declare-const x (_ BitVec 64))
(declare-const n (_ BitVec 64))
(define-fun one () (_ BitVec 64) #x0000000000000001)

; bit_is_division
(push 1)
(assert (and (below x #x0000000000010000) (below n #x0000000000000010)))
(assert (not (= (bvand (bvlshr x n) one)
                (bvurem (bvudiv x (bvshl one n)) #x0000000000000002))))
(check-sat)
(pop 1)

; byte_shift
(push 1)
(assert (below x #x0000000100000000))
(assert (not (and
  (= (bvshl x #x0000000000000008) (bvmul x #x0000000000000100))
  (= (bvshl x #x0000000000000010) (bvmul x #x0000000000010000))
  (= (bvshl x #x0000000000000018) (bvmul x #x0000000001000000))
  (= (bvshl x #x0000000000000020) (bvmul x #x0000000100000000)))))
(check-sat)
(pop 1)

; single_bit
(push 1)
(assert (below n #x0000000000000010))
(assert (not (below (bvshl one n) #x0000000000008001)))
(check-sat)
(pop 1)

; varint_group: x is the byte, n the shift
(push 1)
(assert (and (below x #x0000000000000100) (below n #x000000000000001d)))
(assert (= (bvurem n #x0000000000000007) #x0000000000000000))
(assert (=> (= n #x000000000000001c) (below x #x0000000000000010)))
(assert (not (below (bvshl (bvand x #x000000000000007f) n)
                    #x0000000100000000)))
(check-sat)
(pop 1)
