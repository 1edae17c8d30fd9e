#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Put the manual page assay.1 together.

The prose is in man/assay.1.in. A line there that is only @NAME@ is replaced:

  @COMMANDS@      one subsection per verb, from the --help of the program
  @STATUSES@      every result, from base/status.h
  @FIRMWARE_IDS@  the SoftDevices that are known by name, from host/fwid.c

Inside a line, @VERSION@ is the version of the program and @ASSAY_X_MAX@ the
value of a limit in the headers. The same input gives the same bytes.

usage: generate.py PROGRAM [OUTPUT]      (OUTPUT: man/assay.1)
"""
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPTION_COLUMN = 28
GROUPS = ["General", "Init packet", "Signature and key",
          "Policy of the device", "Image", "Container", "File",
          "Hex file and settings page", "Key file", "Making a package"]


# --- mdoc --------------------------------------------------------------------

def escape(text):
    """Text that mdoc shows as it is; words that are options never break."""
    words = []
    for word in text.replace("\\", r"\e").split(" "):
        if re.match(r"[\"'(]*-", word):
            word = word.replace("-", r"\-")
        words.append(word)
    text = " ".join(words)
    return r"\&" + text if text[:1] in ".'" else text


def literal(lines):
    shown = []
    for line in lines:
        line = line.replace("\\", r"\e").replace("-", r"\-")
        shown.append(r"\&" + line if line[:1] in (".", "'") else line)
    return [".Bd -literal -offset indent", *shown, ".Ed"]


def sentences(text):
    """Lines that end where sentences end, as mdoc wants them."""
    out = []
    for part in re.split(r"(?<=[A-Za-z0-9)\"\]][.?]) (?=[A-Z\[])", text):
        out += textwrap.wrap(part, 72, break_long_words=False,
                             break_on_hyphens=False)
    return [escape(line) for line in out]


def option_macro(term):
    """"-k, --key FILE" becomes: .It Fl k , Fl \\-key Ar FILE"""
    out = [".It"]
    for word in term.split(" "):
        comma = [","] if word.endswith(",") else []
        word = word.rstrip(",")
        if word.startswith("-"):
            out += ["Fl", word[1:].replace("-", r"\-")]
        else:
            out += ["Ar", word]
        out += comma
    return " ".join(out)


# --- What the program says of itself -----------------------------------------

def run(program, *args):
    done = subprocess.run([program, *args], capture_output=True, text=True,
                          check=True, stdin=subprocess.DEVNULL,
                          env={"LC_ALL": "C", "NO_COLOR": "1"})
    return done.stdout


def verb_names(program):
    names = []
    for line in run(program, "help", "--options").splitlines():
        name = line.split("\t")[0]
        if name not in names:
            names.append(name)
    return names


def blocks(text):
    """The paragraphs of a help text, as lists of lines."""
    out = [[]]
    for line in text.splitlines():
        if line:
            out[-1].append(line)
        elif out[-1]:
            out.append([])
    return [block for block in out if block]


def joined(lines):
    return " ".join(line.strip() for line in lines)


def read_options(lines):
    """(term, help) of every entry below "Options:"."""
    entries = []
    for line in lines:
        if line[2] != " ":
            # The help begins beside a short term, below a long one.
            beside = len(line) > OPTION_COLUMN and \
                line[OPTION_COLUMN - 2:OPTION_COLUMN] == "  "
            at = OPTION_COLUMN if beside else len(line)
            entries.append([line[:at].strip(), [line[at:]]])
        else:
            entries[-1][1].append(line)
    return [(term, joined(text).strip()) for term, text in entries]


def read_help(program, name):
    """The parts of the help of one verb."""
    parts = {"name": name, "notes": []}
    for block in blocks(run(program, *name.split(" "), "--help")):
        if block[0].startswith("Usage: "):
            parts["usage"] = block[0][len("Usage: "):]
        elif block[0] == "Examples:":
            parts["examples"] = block[1:]
        elif block[0] == "Options:":
            parts["options"] = read_options(block[1:])
        elif "summary" not in parts:
            parts["summary"] = joined(block)
        else:
            parts["notes"].append(joined(block))
    return parts


# --- Commands ----------------------------------------------------------------

def command_lines(lines):
    """A command in lines that fit the page and can be copied."""
    words = joined(line.rstrip("\\ ") for line in lines)
    # An option and its value stay together.
    words = re.sub(r"(--[\w-]+) (?=[^- ])", "\\1\0", words)
    parts = textwrap.wrap(words, 60, break_long_words=False,
                          break_on_hyphens=False)
    return [("    " if i else "") + part.replace("\0", " ") +
            (" \\" if i < len(parts) - 1 else "")
            for i, part in enumerate(parts)]


def examples(lines):
    """Commands are indented by 2 or 4, explanations by 6."""
    out = []
    command, text = [], []
    for line in lines + ["  "]:
        if line.startswith("      "):
            text.append(line)
            continue
        if text:
            out += [".Pp", *sentences(joined(text)),
                    *literal(command_lines(command))]
            command, text = [], []
        command.append(line)
    return out


def option_list(options):
    out = [".Bl -tag -width Ds"]
    for term, text in options:
        out += [option_macro(term), *sentences(text)]
    return out + [".El"]


def command_section(parts, common):
    out = [f".Ss assay {parts['name']}",
           *literal([parts["usage"]]), *sentences(parts["summary"])]
    own = [o for o in parts["options"] if o not in common]
    if own:
        out += [".Pp", "Options:", *option_list(own)]
    for note in parts["notes"]:
        out += [".Pp", *sentences(note)]
    return out + examples(parts["examples"])


def commands(program):
    every = [read_help(program, name) for name in verb_names(program)]
    common = [o for o in every[0]["options"]
              if all(o in parts["options"] for parts in every)]
    out = [".Ss Options of every command",
           "These may also stand in front of the command.",
           *option_list(common)]
    for parts in every:
        out += command_section(parts, common)
    return out


# --- Tables of the sources ---------------------------------------------------

def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def read_statuses():
    text = read("base/status.h").replace("\\\n", " ")
    pattern = (r'\bX\((\w+),\s*(0x[0-9A-Fa-f]+),\s*(0x[0-9A-Fa-f]+|0),'
               r'\s*"([^"]*)",\s*((?:"[^"]*"\s*)+),\s*((?:"[^"]*"\s*)+)\)')
    for match in re.finditer(pattern, text):
        symbol, value, nordic, rule, meaning, advice = match.groups()
        value = int(value, 16)
        group = value >> 8 if symbol != "OK" else 0
        yield (group, symbol, rule, int(nordic, 16),
               "".join(re.findall(r'"([^"]*)"', meaning)),
               "".join(re.findall(r'"([^"]*)"', advice)))


def nordic_lines(code):
    if code == 0:
        return []
    if code >> 8:
        return [f"Nordic: result 0x{code >> 8:02X}, "
                f"extended error 0x{code & 255:02X}."]
    return [f"Nordic: result 0x{code:02X}."]


def statuses():
    rows = list(read_statuses())
    if len(rows) != len(re.findall(r"\bX\([A-Z]", read("base/status.h"))):
        sys.exit("generate.py: base/status.h has an entry of another shape")
    out = []
    for group, title in enumerate(GROUPS):
        out += [f".Ss {title}", ".Bl -tag -width Ds"]
        for row_group, symbol, rule, nordic, meaning, advice in rows:
            if row_group != group:
                continue
            out += [f".It Sy {symbol} Pq {rule}",
                    *sentences(meaning + "."),
                    *sentences(f"Advice: {advice}."),
                    *nordic_lines(nordic)]
        out.append(".El")
    return out


def firmware_ids():
    found = re.findall(r'\{0x([0-9A-F]{4}), "(s\d+)_nrf(\d+)_([\d.]+)"\}',
                       read("host/fwid.c"))
    if len(found) != read("host/fwid.c").count("{0x"):
        sys.exit("generate.py: host/fwid.c has an entry of another shape")
    families = {}
    for number, family, chip, version in found:
        families.setdefault(f"{family}_nrf{chip}", []).append(
            f"{version} 0x{number}")
    out = [".Bl -tag -width s112_nrf52"]
    for family, versions in families.items():
        out += [f".It {family}", ",\n".join(versions) + "."]
    return out + [".El"]


def limits():
    """The limits of the headers, in the largest unit that is exact."""
    out = {}
    paths = [*ROOT.glob("host/*.h"), *ROOT.glob("initpkt/*.h"),
             *ROOT.glob("verifier/*.h")]
    for path in sorted(paths):
        for name, number, shift in re.findall(
                r"#define (ASSAY_\w+) \(?(?:\(\w+\))?(\d+)u?(?: << (\d+)\))?",
                path.read_text(encoding="utf-8")):
            value = int(number) << int(shift or 0)
            unit = ""
            for bigger in (" KiB", " MiB") if shift else ():
                if value % 1024 == 0:
                    value, unit = value // 1024, bigger
            out[name] = f"{value}{unit}"
    return out


# --- The page ----------------------------------------------------------------

def page(program):
    version = run(program, "version").split()[2]
    known = {"VERSION": version, **limits()}
    sections = {"@COMMANDS@": lambda: commands(program),
                "@STATUSES@": statuses, "@FIRMWARE_IDS@": firmware_ids}
    out = []
    for line in read("man/assay.1.in").splitlines():
        if line in sections:
            out += sections[line]()
            continue
        for name in re.findall(r"@(\w+)@", line):
            if name not in known:
                sys.exit(f"generate.py: nobody knows @{name}@")
            line = line.replace(f"@{name}@", known[name])
        out.append(line)
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    output = sys.argv[2] if len(sys.argv) == 3 else ROOT / "man/assay.1"
    text = page(str(pathlib.Path(sys.argv[1]).resolve()))
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
