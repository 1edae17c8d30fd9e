# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Run a function of a linked Cortex-M4 program and write down what it computes.

Unicorn executes the function, one instruction at a time. Beside it every
register and every word of memory carries a Word. Everything that could make
the graph depend on this one run is an error: a branch, an address or a shift
distance that is not constant, a read of memory that nobody wrote, a write
outside result and stack. After each instruction the words are compared with
what Unicorn has, so that a wrong model of an instruction is noticed.
"""
import struct

from capstone import CS_ARCH_ARM, CS_MODE_MCLASS, CS_MODE_THUMB, Cs
from capstone import arm as cs
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn import arm_const as uc

from words import MASK, Graph

RETURN = 0x00FFFFF0
STACK_LOW, STACK_TOP = 0x20000000, 0x20010000
ARRAYS = 0x20020000
MOST_INSTRUCTIONS = 50000
FLAG_SETTERS = {"add", "adc", "sub", "sbc", "rsb", "mul", "lsl", "lsr", "asr",
                "and", "orr", "eor", "bic", "orn", "mov", "mvn", "rrx"}
NUMBERED = {getattr(cs, f"ARM_REG_R{i}"): getattr(uc, f"UC_ARM_REG_R{i}")
            for i in range(13)}
REGISTERS = {**NUMBERED, cs.ARM_REG_SP: uc.UC_ARM_REG_SP,
             cs.ARM_REG_LR: uc.UC_ARM_REG_LR}
SAVED = [getattr(cs, f"ARM_REG_R{i}") for i in range(4, 12)]
SHIFTS = {"lsl": "shl", "lsr": "shr", "asr": "sar"}
SHIFT_TYPES = {cs.ARM_SFT_LSL: "shl", cs.ARM_SFT_LSR: "shr",
               cs.ARM_SFT_ASR: "sar"}


class NotModelled(Exception):
    """The code does something that no claim can be made about."""


class Program:
    """Code and constants of a linked file."""

    def __init__(self, path):
        self.path, self.symbols, self.segments = path, {}, []
        with open(path, "rb") as f:
            elf = ELFFile(f)
            for segment in elf.iter_segments():
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
                    self.segments.append((segment["p_vaddr"], segment.data()))
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                self.symbols[symbol.name] = symbol["st_value"] & ~1

    def put(self, address, data):
        """Constants that belong to a claim, at a place of their own."""
        self.segments = [s for s in self.segments if s[0] != address]
        self.segments.append((address, data))

    def read(self, address, length):
        for start, data in self.segments:
            if start <= address <= start + len(data) - length:
                return data[address - start:address - start + length]
        return None


class Run:
    """One run. arguments: constants, or (name, value) for an input; arrays:
    name -> (address, 8 values); results: addresses; constants: address ->
    word, which may be written as well."""

    def __init__(self, program, function, arguments, arrays, results,
                 constants=None):
        self.program, self.graph, self.function = program, Graph(), function
        self.arguments, self.arrays = arguments, arrays
        self.constants = constants or {}
        self.memory, self.loop_ends, self.instructions = {}, [], 0
        self.results, self.carry, self.flags_constant = results, None, True
        self.lowest = STACK_TOP
        self.decoder = Cs(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS)
        self.decoder.detail = True
        self._start(arguments, arrays)
        while self.pc != RETURN:
            self._step()
        self._check_end()
        self.out = [self.memory.get(result + 4 * i) for result in results
                    for i in range(8)]
        if None in self.out:
            raise NotModelled("a word of the result was not written")

    def _start(self, arguments, arrays):
        if self.function not in self.program.symbols:
            raise NotModelled(f"{self.function} is not in the program")
        self.cpu = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.cpu.mem_map(0, 0x1000000)
        self.cpu.mem_map(STACK_LOW, 0x40000)
        for address, data in self.program.segments:
            if address < 0x1000000:
                self.cpu.mem_write(address, data)
        g, self.regs = self.graph, {}
        for name, (address, values) in arrays.items():
            for i, value in enumerate(values):
                self.memory[address + 4 * i] = g.input(f"{name}{i}", value)
                self.cpu.mem_write(address + 4 * i, struct.pack("<I", value))
        for address, value in self.constants.items():
            self.memory[address] = g.const(value)
            self.cpu.mem_write(address, struct.pack("<I", value))
        for i, reg in enumerate(NUMBERED):
            if i < len(arguments) and isinstance(arguments[i], tuple):
                self._set_start(reg, g.input(*arguments[i]))
            elif i < len(arguments):
                self._set_start(reg, g.const(arguments[i]))
            else:
                self._set_start(reg, g.input(f"old r{i}", 0x5A5A0000 + i))
        self._set_start(cs.ARM_REG_SP, g.const(STACK_TOP))
        self._set_start(cs.ARM_REG_LR, g.const(RETURN | 1))
        self.at_start = dict(self.regs)
        self.pc = self.program.symbols[self.function]

    def _set_start(self, reg, word):
        self.regs[reg] = word
        self.cpu.reg_write(REGISTERS[reg], word.value)

    def _check_end(self):
        for reg in SAVED + [cs.ARM_REG_SP]:
            if self.regs[reg] is not self.at_start[reg]:
                raise NotModelled("a saved register was not restored")

    # --- one instruction ----------------------------------------------------

    def _step(self):
        code = self.program.read(self.pc, 4) or self.program.read(self.pc, 2)
        if code is None:
            raise NotModelled(f"execution left the program at {self.pc:#x}")
        self.ins = next(self.decoder.disasm(code, self.pc, 1))
        self.instructions += 1
        if self.instructions > MOST_INSTRUCTIONS:
            raise NotModelled("the function does not end")
        self.updates, self.new_carry = {}, self.carry
        name = self.ins.mnemonic.split(".")[0]
        self._execute(name)
        self.cpu.emu_start(self.pc | 1, RETURN, count=1)
        here, self.pc = self.pc, self.cpu.reg_read(uc.UC_ARM_REG_PC) & ~1
        if self.ins.cc != cs.ARM_CC_AL and self.pc == here + self.ins.size \
                and self._target() < here:
            self.loop_ends.append(len(self.graph.words))
        self.regs.update(self.updates)
        self.carry = self.new_carry
        self._compare()

    def _compare(self):
        for reg, word in self.regs.items():
            if self.cpu.reg_read(REGISTERS[reg]) != word.value:
                self._fail("the model disagrees with the emulator")
        carry = self.cpu.reg_read(uc.UC_ARM_REG_CPSR) >> 29 & 1
        if self.carry is not None and self.carry.value != carry:
            self._fail("the model's carry disagrees with the emulator")

    def _fail(self, why):
        raise NotModelled(f"{self.ins.address:#x} {self.ins.mnemonic} "
                          f"{self.ins.op_str}: {why}")

    def _target(self):
        operand = self.ins.operands[-1]
        return operand.imm if operand.type == cs.ARM_OP_IMM else self.pc

    def _execute(self, name):
        if self.ins.cc != cs.ARM_CC_AL or name in ("cbz", "cbnz"):
            return self._branch(name)
        if name in ("b", "bx", "nop"):
            return None
        if name in ("bl", "blx"):
            after = self.ins.address + self.ins.size
            return self._put(cs.ARM_REG_LR, self.graph.const(after | 1))
        # Capstone 4 says of every adc and sbc that it updates the flags.
        self.sets_flags = name in ("cmp", "cmn") or name[:-1] in FLAG_SETTERS \
            and name.endswith("s")
        plain = name[:-1] if name[:-1] in FLAG_SETTERS else name
        for handler in (self._sums, self._products, self._bits, self._moves,
                        self._memory):
            if handler(plain):
                return None
        return self._fail("not modelled")

    def _branch(self, name):
        if name in ("cbz", "cbnz"):
            constant = self.regs[self.ins.operands[0].reg].constant()
        elif name.startswith("b") and self.ins.group(cs.ARM_GRP_JUMP):
            constant = self.flags_constant
        else:
            self._fail("conditional instruction")
        if not constant:
            self._fail("branch on data")

    # --- operands -----------------------------------------------------------

    def _put(self, reg, word):
        if reg not in REGISTERS:
            self._fail("register not modelled")
        self.updates[reg] = word
        if reg == cs.ARM_REG_SP:
            if not word.constant():
                self._fail("stack pointer from data")
            self.lowest = min(self.lowest, word.value)

    def _reg(self, i):
        return self._value(self.ins.operands[i].reg)

    def _value(self, reg):
        if reg not in self.regs:
            self._fail("register not modelled")
        return self.regs[reg]

    def _operand(self, i):
        operand = self.ins.operands[i]
        if operand.type == cs.ARM_OP_IMM:
            return self.graph.const(operand.imm)
        word = self._value(operand.reg)
        if operand.shift.type == 0:
            return word
        if operand.shift.type not in SHIFT_TYPES:
            self._fail("shift not modelled")
        kind = SHIFT_TYPES[operand.shift.type]
        return self.graph.make(kind, word, operand.shift.value)

    def _two(self):
        """The two sources, also where the first is the target as well."""
        if len(self.ins.operands) == 2:
            return self._reg(0), self._operand(1)
        return self._reg(1), self._operand(2)

    def _target_reg(self, i=0):
        return self.ins.operands[i].reg

    def _flags(self, carry, *sources):
        if self.sets_flags:
            self.new_carry = carry
            self.flags_constant = all(w.constant() for w in sources)

    # --- the instructions ---------------------------------------------------

    def _sums(self, name):
        g = self.graph
        zero, one = g.const(0), g.const(1)
        if name in ("add", "sub") and len(self.ins.operands) == 3 and \
                self._target_reg(1) == cs.ARM_REG_PC:
            distance = self.ins.operands[2].imm
            place = (self.pc + 4 & ~3) + \
                (-distance if name == "sub" else distance)
            self._put(self._target_reg(), g.const(place))
            return True
        if name in ("add", "addw", "adc", "sub", "subw", "sbc"):
            x, y = self._two()
        elif name == "rsb":
            y, x = self._two()
        elif name in ("cmp", "cmn"):
            x, y = self._reg(0), self._operand(1)
        else:
            return False
        if name in ("sub", "subw", "sbc", "rsb", "cmp"):
            y = g.make("not", y)
        c = {"adc": self.carry, "sbc": self.carry, "add": zero, "addw": zero,
             "cmn": zero}.get(name, one)
        if c is None:
            self._fail("carry not known")
        if name not in ("cmp", "cmn"):
            self._put(self._target_reg(), g.make("add", x, y, c))
        if self.sets_flags:
            self._flags(g.make("carry", x, y, c), x, y, c)
        return True

    def _products(self, name):
        g = self.graph
        zero = g.const(0)
        if name in ("umull", "umlal", "umaal"):
            lo, hi = self._target_reg(0), self._target_reg(1)
            old_lo, old_hi = self._reg(0), self._reg(1)
            terms = [self._reg(2), self._reg(3), *{
                "umull": [zero], "umlal": [old_lo],
                "umaal": [old_lo, old_hi]}[name]]
            low, high = g.make("mul_lo", *terms), g.make("mul_hi", *terms)
            if name == "umlal":
                high = g.make("add", high, old_hi, zero)
            self._put(lo, low)
            self._put(hi, high)
        elif name == "mul":
            x, y = self._two()
            self._put(self._target_reg(), g.make("mul_lo", x, y, zero))
            self._flags(self.carry, x, y)
        elif name == "mla":
            product = g.make("mul_lo", self._reg(1), self._reg(2), zero)
            total = g.make("add", product, self._reg(3), zero)
            self._put(self._target_reg(), total)
        else:
            return False
        return True

    def _bits(self, name):
        g = self.graph
        if name in SHIFTS and self.ins.operands[-1].type == cs.ARM_OP_IMM:
            x, k = self._two()
            k, carry = k.value, None
            if not 0 <= k < 32:
                self._fail("shift distance")
            if k:
                place = 32 - k if name == "lsl" else k - 1
                carry = g.make("and", g.make("shr", x, place), g.const(1))
            self._put(self._target_reg(), g.make(SHIFTS[name], x, k))
            self._flags(carry, x)
        elif name == "rrx":
            x = self._reg(1)
            if self.carry is None:
                self._fail("carry not known")
            top = g.make("shl", self.carry, 31)
            self._put(self._target_reg(),
                      g.make("or", g.make("shr", x, 1), top))
            self._flags(g.make("and", x, g.const(1)), x, self.carry)
        elif name in ("ubfx", "sbfx"):
            x = self._reg(1)
            lsb, width = self.ins.operands[2].imm, self.ins.operands[3].imm
            left = g.make("shl", x, 32 - lsb - width)
            kind = "shr" if name == "ubfx" else "sar"
            self._put(self._target_reg(), g.make(kind, left, 32 - width))
        elif name in ("tst", "teq"):
            x, y = self._reg(0), self._operand(1)
            self.sets_flags = True
            self._flags(self._carry_beside(), x, y)
        elif name in ("and", "orr", "eor", "bic", "orn"):
            x, y = self._two()
            if name in ("bic", "orn"):
                y = g.make("not", y)
            kind = {"and": "and", "bic": "and", "eor": "xor"}.get(name, "or")
            self._put(self._target_reg(), g.make(kind, x, y))
            self._flags(None, x, y)
        else:
            return False
        return True

    def _carry_beside(self):
        """The carry after a logical instruction of 32 bits: kept beside a
        register or a constant that is not rotated."""
        operand = self.ins.operands[-1]
        if operand.type == cs.ARM_OP_REG:
            return self.carry if operand.shift.type == 0 else None
        first, second = struct.unpack("<HH", bytes(self.ins.bytes))
        rotated = first >> 10 & 1 or second >> 14 & 1
        return None if rotated else self.carry

    def _moves(self, name):
        g = self.graph
        if name in ("mov", "movw", "mvn"):
            x = self._operand(1)
            if name == "mvn":
                x = g.make("not", x)
            self._put(self._target_reg(), x)
            self._flags(self.carry if self.ins.size == 2
                        else self._carry_beside(), x)
        elif name == "movt":
            low = g.make("and", self._reg(0), g.const(0xFFFF))
            high = g.const(self.ins.operands[1].imm << 16)
            self._put(self._target_reg(), g.make("or", low, high))
        else:
            return False
        return True

    def _memory(self, name):
        if name in ("push", "pop", "stm", "stmia", "stmdb", "ldm", "ldmia",
                    "ldmdb"):
            self._multiple(name)
        elif name in ("ldr", "ldrd", "ldrh", "str", "strd"):
            self._single(name)
        else:
            return False
        return True

    def _multiple(self, name):
        operands = self.ins.operands
        if name in ("push", "pop"):
            base, regs = cs.ARM_REG_SP, [o.reg for o in operands]
            writeback = True
        else:
            base, regs = operands[0].reg, [o.reg for o in operands[1:]]
            writeback = self.ins.writeback
        down = name in ("push", "stmdb", "ldmdb")
        start = self._address(base)
        first = start - 4 * len(regs) if down else start
        if writeback:
            end = first if down else first + 4 * len(regs)
            self._put(base, self.graph.const(end))
        for i, reg in enumerate(regs):
            if name.startswith(("ld", "pop")):
                self._load(first + 4 * i, reg)
            else:
                self._store(first + 4 * i, self._value(reg))

    def _single(self, name):
        n = 2 if name.endswith("d") else 1
        place = self.ins.operands[n]
        if place.type != cs.ARM_OP_MEM or self.ins.operands[-1].reg and \
                self.ins.operands[-1].type == cs.ARM_OP_REG:
            self._fail("address not modelled")
        after = len(self.ins.operands) > n + 1
        if place.mem.base == cs.ARM_REG_PC:
            address = (self.pc + 4 & ~3) + place.mem.disp
        else:
            base = self._address(place.mem.base)
            address = base if after else base + place.mem.disp
            if place.mem.index:
                address += self._address(place.mem.index) << (
                    place.mem.lshift or place.shift.value)
            if after or self.ins.writeback:
                step = self.ins.operands[n + 1].imm if after \
                    else place.mem.disp
                self._put(place.mem.base, self.graph.const(base + step))
        for i in range(n):
            if name == "ldrh":
                self._load_half(address, self._target_reg(i))
            elif name.startswith("ld"):
                self._load(address + 4 * i, self._target_reg(i))
            else:
                self._store(address + 4 * i, self._reg(i))

    def _address(self, reg):
        word = self._value(reg)
        if not word.constant():
            self._fail("address from data")
        return word.value

    def _load(self, address, reg):
        if address % 4:
            self._fail("unaligned access")
        word = self.memory.get(address)
        if word is None:
            data = self.program.read(address, 4)
            if data is None:
                self._fail(f"reads {address:#x}, which nobody wrote")
            word = self.graph.const(struct.unpack("<I", data)[0])
        if reg != cs.ARM_REG_PC:
            self._put(reg, word)
        elif not word.constant():
            self._fail("branch to data")

    def _load_half(self, address, reg):
        """Half words are read from the program only."""
        data = self.program.read(address, 2)
        if address % 2 or data is None:
            self._fail(f"reads half a word at {address:#x}")
        self._put(reg, self.graph.const(struct.unpack("<H", data)[0]))

    def _store(self, address, word):
        if address % 4:
            self._fail("unaligned access")
        sp = self.updates.get(cs.ARM_REG_SP, self.regs[cs.ARM_REG_SP]).value
        if not (any(0 <= address - result < 32 for result in self.results)
                or address in self.constants or sp <= address < STACK_TOP):
            self._fail(f"writes {address:#x}, outside result and stack")
        self.memory[address] = word
