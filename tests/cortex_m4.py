# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Run functions of a Cortex-M4 program in an emulator and count.

Needs the Debian packages python3-unicorn and binutils-arm-none-eabi. For
tests/budgets.py and the scripts of tests/gates/embed.sh.

Instructions are exact: those of every block that was entered, predicated ones
included. Stack is exact: the lowest SP behind every instruction that lowers
it, without interrupts. Cycles are a model without wait states: one for an
instruction; two for a load, one if a load or store precedes it; for multiple
and double transfers one and one for each register; twelve for a division; two
more for a branch that is taken.
"""
import os
import re
import struct
import subprocess

from unicorn import (UC_ARCH_ARM, UC_HOOK_BLOCK, UC_HOOK_CODE, UC_MODE_MCLASS,
                     UC_MODE_THUMB, UC_PROT_EXEC, UC_PROT_READ, Uc, UcError)
from unicorn.arm_const import (UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_R0,
                               UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3,
                               UC_ARM_REG_SP)

FLASH, FLASH_LEN = 0x00000000, 0x00100000
RAM, RAM_LEN = 0x20000000, 0x00040000
SYSTEM, SYSTEM_LEN = 0xE000E000, 0x1000
RETURN = FLASH + FLASH_LEN - 16  # where a called function returns to
STACK_TOP = RAM + RAM_LEN
ARGUMENTS = (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3)

PUSHES = re.compile(r"(push|vpush|stmdb)\b.*|subw?(\.w)?\s+sp\b.*"
                    r"|str\S*\s.*\[sp, #-\d+\]!.*|mov\s+sp,.*|add\s+sp, r.*")


MULTIPLE = re.compile(r"(ldm|stm|push|pop|vldm|vstm|vpush|vpop)")


def cost_of(text):
    """(cycles, whether a load, whether a single load or store)"""
    mnemonic = text.split()[0]
    if MULTIPLE.match(mnemonic):
        registers = text[text.index("{"):].split("}")[0]
        return 2 + registers.count(","), False, False
    if mnemonic.startswith(("ldrd", "strd")):
        return 3, False, False
    if mnemonic.startswith(("ldr", "vldr")):
        return 2, True, True
    if mnemonic.startswith(("str", "vstr")):
        return 1, False, True
    if mnemonic.startswith(("udiv", "sdiv")):
        return 12, False, False
    return (2 if mnemonic in ("tbb", "tbh") else 1), False, False


class Program:
    """An ELF file: its bytes in flash, its symbols, its instructions."""

    def __init__(self, path, prefix="arm-none-eabi-"):
        with open(path, "rb") as f:
            data = f.read()
        if data[:6] != b"\x7fELF\x01\x01":
            raise SystemExit(f"{path}: no 32-bit little-endian ELF file")
        phoff, = struct.unpack_from("<I", data, 28)
        phentsize, phnum = struct.unpack_from("<HH", data, 42)
        self.segments = []
        for i in range(phnum):
            kind, off, _, addr, filesz, _ = struct.unpack_from(
                "<6I", data, phoff + i * phentsize)
            if kind == 1 and filesz != 0:
                self.segments.append((addr, data[off:off + filesz]))
        self.symbols = {}
        for line in self.tool(prefix + "nm", path):
            fields = line.split()
            if len(fields) == 3:
                self.symbols[fields[2]] = int(fields[0], 16)
        self.starts = {}  # of instructions: cost_of
        self.after_push = set()
        pushed = False
        for line in self.tool(prefix + "objdump", "-d", "-z", path):
            m = re.match(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)", line)
            if not m:
                continue
            if m[3].startswith("."):
                continue
            address = int(m[1], 16)
            self.starts[address] = cost_of(m[3])
            if pushed:
                self.after_push.add(address)
            pushed = PUSHES.match(m[3].replace("\t", " ")) is not None

    @staticmethod
    def tool(*command):
        environment = dict(os.environ, LC_ALL="C")
        return subprocess.run(command, capture_output=True, text=True,
                              check=True, env=environment).stdout.splitlines()


class Machine:
    """A Cortex-M4 with read-only flash, RAM and the system control page."""

    def __init__(self, program):
        self.program = program
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.uc.mem_map(FLASH, FLASH_LEN, UC_PROT_READ | UC_PROT_EXEC)
        self.uc.mem_map(RAM, RAM_LEN)
        self.uc.mem_map(SYSTEM, SYSTEM_LEN)
        for address, data in program.segments:
            self.uc.mem_write(address, data)
        self.free = RAM
        self.instructions = self.cycles = 0
        self.lowest = STACK_TOP
        self.blocks = {}
        self.end, self.single = 0, False  # of the block before
        self.counting = False

    def place(self, data, address=None):
        """Put bytes at an address, or at the next free word of RAM."""
        if address is None:
            address = self.free
            self.free += (len(data) + 7) & ~7
        if data:
            self.uc.mem_write(address, data)
        return address

    def read(self, address, length):
        return bytes(self.uc.mem_read(address, length))

    def register(self, number):
        return self.uc.reg_read(number)

    def block(self, address, size, single):
        """(instructions, cycles, whether the last one is a single transfer)"""
        cycles = n = 0
        for at in range(address, address + size, 2):
            if at in self.program.starts:
                cost, load, transfer = self.program.starts[at]
                cycles += 1 if load and single else cost
                single = transfer
                n += 1
        return n, cycles, single

    def on_block(self, _uc, address, size, _data):
        key = address, size, self.single
        if key not in self.blocks:
            self.blocks[key] = self.block(*key)
        n, cycles, self.single = self.blocks[key]
        self.instructions += n
        self.cycles += cycles
        if address != self.end and self.end != 0:
            self.cycles += 2
        self.end = address + size

    def on_push(self, uc, _address, _size, _data):
        self.lowest = min(self.lowest, uc.reg_read(UC_ARM_REG_SP))

    def count(self):
        """From now on, count instructions and watch the stack."""
        if self.counting:
            return
        self.counting = True
        self.uc.hook_add(UC_HOOK_BLOCK, self.on_block)
        for address in sorted(self.program.after_push):
            self.uc.hook_add(UC_HOOK_CODE, self.on_push, None, address,
                             address)

    def call(self, name, *arguments):
        """Call a function with up to four words. ret: r0."""
        for register, value in zip(ARGUMENTS, arguments):
            self.uc.reg_write(register, value & 0xFFFFFFFF)
        self.uc.reg_write(UC_ARM_REG_SP, STACK_TOP)
        self.uc.reg_write(UC_ARM_REG_LR, RETURN | 1)
        self.instructions, self.cycles = 0, 0
        self.lowest, self.end, self.single = STACK_TOP, 0, False
        self.uc.emu_start(self.program.symbols[name] | 1, RETURN)
        return self.uc.reg_read(UC_ARM_REG_R0)

    def reset(self, stops, most=0):
        """Start as the processor does; stop at one of these addresses.
        ret: the address, or None after an error or `most` instructions."""
        stack, entry = struct.unpack("<2I", self.read(FLASH, 8))
        self.uc.reg_write(UC_ARM_REG_SP, stack)
        self.instructions, self.cycles = 0, 0
        self.lowest, self.end, self.single = stack, 0, False
        where = []

        def stop(uc, address, _size, _data):
            where.append(address)
            uc.emu_stop()
        hooks = [self.uc.hook_add(UC_HOOK_CODE, stop, None, a, a)
                 for a in stops]
        try:
            self.uc.emu_start(entry | 1, RETURN, count=most)
        except UcError:
            pass
        for hook in hooks:
            self.uc.hook_del(hook)
        return where[0] if where else None

    def pc(self):
        return self.uc.reg_read(UC_ARM_REG_PC)

    def stack(self):
        return STACK_TOP - self.lowest
