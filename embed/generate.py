#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write assay_verifier.c and assay_verifier.h: the verifier as two files; and
assay_verifier_m4.S, with which it is faster and smaller on Cortex-M4.

usage: generate.py FOLDER PUBLIC_HEADER FILE... -- SOURCE...

Run in the root of the project. PUBLIC_HEADER declares what stays callable;
FILE... are all sources and headers of the portable verifier, each .c behind
those it builds on; SOURCE... are all sources of the project's verifier, those
for one processor among them: with the headers they make the digest. The
functions of a .c that has a sibling _m4.S are left out when
ASSAY_VERIFIER_M4 is defined: then assay_verifier_m4.S brings them. So is a .c
that only those need. The text of the files is kept, comments included, with
these changes only:

  - includes of the project are resolved, each header once;
  - a function that PUBLIC_HEADER does not declare becomes static, and one that
    nothing calls is marked as unused;
  - a function that another file calls is not inlined, as if it still stood in
    one of its own: frames would add up, and the stack with them;
  - the prototypes of such functions move from the public to the private file;
  - a name of one .c that another file uses for something else gets the name of
    its file in front;
  - the macros of a .c end with it;
  - the licence line stands once, at the head.

The same input gives the same bytes. The digest in the head is the one that
`assay version` prints.
"""
import hashlib
import os
import re
import sys

SPDX = "/* SPDX-License-Identifier: Apache-2.0 OR MIT */\n"
TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>(?:(?<=\n)|\A)[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<space>\s+)
  | (?P<mark>->|.)
""", re.VERBOSE | re.DOTALL)
OPEN, CLOSE = "([{", ")]}"
NOT_INLINED = "__attribute__((noinline)) "
TAGS = ("struct", "union", "enum")


class Item:
    """One declaration, definition, directive or comment at file scope."""

    def __init__(self, kind, tokens):
        self.kind = kind  # "comment", "directive", "space", "code"
        self.tokens = tokens

    def text(self):
        return "".join(text for _, text in self.tokens)

    def code(self):
        """The tokens that a compiler sees."""
        return [t for t in self.tokens
                if t[0] not in ("comment", "space", "directive")]


def tokens_of(text):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(text)]


def items_of(tokens):
    """Split a file at its top level."""
    items, current, depth = [], [], 0
    for kind, text in tokens:
        if not current and kind in ("comment", "directive", "space"):
            items.append(Item(kind, [(kind, text)]))
            continue
        current.append((kind, text))
        if kind != "mark":
            continue
        depth += (text in OPEN) - (text in CLOSE)
        body = text == "}" and is_definition(current)
        if depth == 0 and (text == ";" or body):
            items.append(Item("code", current))
            current = []
    if current or depth != 0:
        raise SystemExit("generate: a declaration does not end: "
                         + "".join(t for _, t in current)[:60])
    return items


def head_of(code):
    """The tokens before the first brace, `=` or `;` outside parentheses."""
    head, depth = [], 0
    for kind, text in code:
        if depth == 0 and kind == "mark" and text in ("{", "=", ";"):
            break
        depth += (text in "([") - (text in ")]") if kind == "mark" else 0
        head.append((kind, text))
    return head


def function_name(code):
    """The name that a prototype or a function definition declares, or None."""
    head, depth = head_of(code), 0
    if not head or head[0][1] in ("typedef", "_Static_assert"):
        return None
    if len(head) < len(code) and code[len(head)][1] == "=":
        return None
    name = None
    for i, (kind, text) in enumerate(head):
        if kind == "mark" and text == "(" and depth == 0:
            before = head[i - 1] if i > 0 else ("mark", "")
            if before[0] == "word" and before[1] != "__attribute__":
                name = name or before[1]
        depth += (text in "([") - (text in ")]") if kind == "mark" else 0
    return name


def is_definition(tokens):
    code = [t for t in tokens if t[0] not in ("comment", "space", "directive")]
    head = head_of(code)
    return (function_name(code) is not None and len(head) < len(code)
            and code[len(head)][1] == "{")


def is_static(item):
    """Whether the declaration is static; a parameter may be [static n]."""
    depth, before = 0, ""
    for _, text in head_of(item.code()):
        if text == "static" and depth == 0:
            return True
        if depth == 0 and text in "([" and before != "__attribute__":
            return False
        depth += (text in "([") - (text in ")]")
        before = text
    return False


def split_declarators(code):
    """Names of objects that a declaration without typedef declares."""
    depth, last, names, taken = 0, None, [], False
    for kind, text in code:
        if kind == "mark" and text in OPEN:
            if depth == 0 and text == "[" and not taken:
                names.append(last)
                taken = True
            depth += 1
        elif kind == "mark" and text in CLOSE:
            depth -= 1
        elif depth == 0 and kind == "word":
            last = text
        elif depth == 0 and kind == "mark" and text in ("=", ",", ";"):
            if not taken and text != ",":
                names.append(last)
            taken = text == "="
    return [n for n in names if n]


def enumerators(code):
    """The names between the braces of an enumeration."""
    names, depth, inside, fresh = [], 0, False, False
    for i, (kind, text) in enumerate(code):
        if kind == "mark" and text in OPEN:
            if text == "{" and depth == 0:
                inside = "enum" in [t for _, t in code[max(0, i - 2):i]]
                fresh = inside
            depth += 1
        elif kind == "mark" and text in CLOSE:
            depth -= 1
        elif inside and depth == 1 and kind == "mark" and text == ",":
            fresh = True
        elif inside and depth == 1 and kind == "word" and fresh:
            names.append(text)
            fresh = False
    return names


def declared(items):
    """What a file declares at file scope: functions, objects, tags."""
    functions, objects, tags = set(), set(), set()
    for item in items:
        if item.kind != "code":
            continue
        code = item.code()
        name = function_name(code)
        if name is not None:
            functions.add(name)
            continue
        if code[0][1] == "_Static_assert":
            continue
        objects.update(enumerators(code))
        for i in range(len(code) - 2):
            if code[i][1] in TAGS and code[i + 2][1] == "{":
                tags.add(code[i + 1][1])
        if is_static(item) or code[0][1] == "typedef":
            objects.update(split_declarators(code))
    return functions, objects, tags


def macros(items):
    """Macros that the file leaves defined, in order."""
    names = []
    for item in items:
        if item.kind != "directive":
            continue
        m = re.match(r"\s*#\s*(define|undef)\s+(\w+)", item.text())
        if m and m[1] == "define" and m[2] not in names:
            names.append(m[2])
        if m and m[1] == "undef" and m[2] in names:
            names.remove(m[2])
    return names


class File:
    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as f:
            self.items = items_of(tokens_of(f.read()))
        self.project, self.system = [], []
        for item in self.items:
            m = re.match(r'\s*#\s*include\s+(["<])([^">]*)', item.text())
            if m and item.kind == "directive":
                (self.project if m[1] == '"' else self.system).append(m[2])
        self.functions, self.objects, self.tags = declared(self.items)
        self.statics = {function_name(i.code()) for i in self.items
                        if i.kind == "code" and is_static(i)} - {None}

    def prefix(self):
        return re.sub(r"\W", "_", os.path.basename(self.path)[:-2]) + "_"

    def words(self):
        """Every word of the code, but the names of members."""
        found, before = set(), ""
        for item in self.items:
            tokens = item.tokens
            if item.kind == "directive":
                tokens = tokens_of(re.sub(r"^\s*#\s*\w+", "", item.text()))
            for kind, text in tokens:
                if kind == "word" and before not in (".", "->"):
                    found.add(text)
                if kind != "space":
                    before = text
        return found

    def uses(self):
        """Every word of the code that is no declaration of a function."""
        found = []
        for item in self.items:
            if item.kind == "directive":
                found += re.findall(r"\w+", item.text())
            if item.kind == "code":
                name = function_name(item.code())
                head = len(head_of(item.code())) if name else 0
                found += [t for _, t in item.code()[head:]]
        return found

    def rename(self, names, tags):
        """Put the name of the file before these objects and these tags."""
        for item in self.items:
            item.tokens = self.renamed(item.tokens, names, tags)

    def renamed(self, tokens, names, tags):
        out, before = [], ""
        for kind, text in tokens:
            if kind == "word" and before in TAGS:
                text = self.prefix() + text if text in tags else text
            elif kind == "word" and text in names and before not in (".",
                                                                     "->"):
                text = self.prefix() + text
            elif kind == "directive" and not re.match(r"\s*#\s*include", text):
                head = re.match(r"\s*#\s*\w*", text).group()
                rest = self.renamed(tokens_of(text[len(head):]), names, tags)
                text = head + "".join(t for _, t in rest)
            elif kind == "comment":
                text = self.renamed_comment(text, names)
            if kind not in ("space", "comment"):
                before = text
            out.append((kind, text))
        return out

    def renamed_comment(self, text, names):
        """A plain word may be English; one with an underscore is a name."""
        annotation = text.startswith(("/*@", "//@"))

        def change(m):
            known = m.group() in names and (annotation or "_" in m.group())
            return self.prefix() + m.group() if known else m.group()
        return re.sub(r"(?<![\w.])\w+", change, text)


def resolve_clashes(files):
    sources = [f for f in files if f.path.endswith(".c")]
    words = {f.path: f.words() for f in files}
    for f in sources:
        names, tags = set(), set()
        for other in files:
            if other is f:
                continue
            hidden = other.functions | other.objects
            names |= (f.statics | f.objects) & hidden
            names |= f.objects & words[other.path]
            tags |= f.tags & other.tags
        f.planned = names, tags
    for f in sources:
        f.rename(*f.planned)


def ordered_headers(files, paths):
    """The headers that these paths include, each behind those it includes."""
    by_path = {f.path: f for f in files}
    seen = []

    def visit(path):
        if path not in by_path:
            raise SystemExit(f"generate: {path} is included and not given")
        for header in by_path[path].project:
            visit(header)
        if path not in seen:
            seen.append(path)
    for path in paths:
        visit(path)
    return [by_path[p] for p in seen]


def internal(item, scope):
    """A prototype or definition, as it stands in a single file."""
    text = item.text()
    code = item.code()
    name = function_name(code)
    if name is None and code[0][1] == "extern":
        return text.replace("extern", "ASSAY_CONSTANT", 1)
    if name is None and set(split_declarators(code)) & scope.constants:
        return "static " + text
    if name is None or name in scope.public:
        return text
    mark = "" if name in scope.used else "__attribute__((unused))\n"
    if is_static(item):
        return mark + text
    kind = "ASSAY_PART" if name in scope.left_out else NOT_INLINED + "static"
    return mark + kind + "\n" + text


def is_hidden_prototype(item, public):
    code = item.code() if item.kind == "code" else []
    name = function_name(code) if code else None
    return (name is not None and name not in public and not is_static(item)
            and not is_definition(item.tokens))


def separate(items, public):
    """(what stays in the public file, the hidden prototypes with comments)"""
    stay, move, taken = [], [], set()
    for i, item in enumerate(items):
        if not is_hidden_prototype(item, public):
            continue
        first = i
        while first > 0 and (items[first - 1].kind == "comment" or (
                items[first - 1].kind == "space"
                and items[first - 1].text().count("\n") < 2
                and items[first - 2].kind == "comment")):
            first -= 1
        taken.update(range(first, i + 1))
        move += items[first:i + 1] + [Item("space", [("space", "\n\n")])]
    for i, item in enumerate(items):
        if i not in taken:
            stay.append(item)
    return stay, move


def written(items, scope):
    """The text of items, without includes, licence line and idle lines."""
    out = []
    for item in items:
        text = item.text()
        if item.kind == "directive" and re.match(r"\s*#\s*include", text):
            continue
        if item.kind == "comment" and text + "\n" == SPDX:
            continue
        out.append(internal(item, scope) if item.kind == "code"
                   else text)
    return re.sub(r"\n{3,}", "\n\n", "".join(out)).strip("\n") + "\n"


def banner(path):
    line = f"/* --- {path} "
    return "\n" + line + "-" * (77 - len(line)) + " */\n\n"


def digest_of(paths):
    lines = ""
    for path in sorted(paths):
        with open(path, "rb") as f:
            lines += f"{hashlib.sha256(f.read()).hexdigest()}  {path}\n"
    return hashlib.sha256(lines.encode()).hexdigest()


HEAD = SPDX + """/*
 * {title}
 *
 * Generated from the sources of Assay with the SHA-256 (of their names and
 * contents, as `assay version` prints it)
 *
 *   {digest}
 *
 * Do not edit: change the sources and generate again. How to use it:
 * docs/embedding.md of the project.
 */
"""


M4 = "ASSAY_VERIFIER_M4"
PARTS = f"""
/* What assay_verifier_m4.S can bring, or makes needless. */
#ifdef {M4}
#define ASSAY_PART
#define ASSAY_CONSTANT extern
#else
#define ASSAY_PART __attribute__((noinline)) static
#define ASSAY_CONSTANT static
#endif
"""


class Scope:
    """Names: of public functions, of those used, of those left out beside
    assembly, of constants that several files share."""

    def __init__(self, public, used, left_out=frozenset(),
                 constants=frozenset()):
        self.public, self.used, self.left_out = public, used, left_out
        self.constants = constants


def shared_constants(files):
    """The names of objects that are declared extern."""
    return {n for f in files for item in f.items if item.kind == "code"
            and item.code()[0][1] == "extern" and not function_name(item.code())
            for n in split_declarators(item.code())}


def assembly_of(source):
    return source[:-2] + "_m4.S"


def left_out(files, uses, public, replaced):
    """The paths of the replaced sources, and of those that only they need."""
    out = set(replaced)
    for f in reversed([f for f in files if f.path.endswith(".c")]):
        needed = public.union(*(uses[g.path] for g in files
                                if g is not f and g.path not in out))
        if not (f.functions - f.statics | f.objects) & needed:
            out.add(f.path)
    return out


def assembly_names(text):
    """Labels, macros and constants that only this file should see."""
    return set(re.findall(r"(?m)^(\.L\w+|(?!assay_)\w+):", text) + re.findall(
        r"(?m)^\s*\.(?:macro|equ|set)\s+(\w+)", text))


def assembly_text(path, others):
    """The file; names that another one has, too, get its own in front."""
    with open(path, encoding="utf-8") as f:
        text = f.read().replace(SPDX, "", 1)
    prefix = re.sub(r"\W", "_", os.path.basename(path)[:-2]) + "_"
    names = {n for n in assembly_names(text)
             if any(re.search(rf"(?<![\w.]){re.escape(n)}\b", other)
                    for other in others)}
    parts = re.split(r"(/\*.*?\*/)", text, flags=re.DOTALL)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(
            r"(?<![\\%.\w])(?:\.L)?[A-Za-z_]\w*",
            lambda m: m.group() if m.group() not in names else
            ".L" + prefix + m.group()[2:] if m.group().startswith(".L") else
            prefix + m.group(), parts[i])
    return "".join(parts)


def assembly_file(paths, digest):
    text = HEAD.format(title="What is in assembly for Cortex-M4 of the "
                       "verifier of Assay. Compile\n * assay_verifier.c with "
                       f"{M4} defined beside it.", digest=digest)
    texts = {}
    for path in paths:
        with open(path, encoding="utf-8") as f:
            texts[path] = f.read()
    for path in paths:
        others = [t for p, t in texts.items() if p != path]
        text += banner(path) + assembly_text(path, others)
    return text


def public_file(headers, public, digest):
    text = HEAD.format(title="The verifier of Assay: public interface.",
                       digest=digest)
    text += "#ifndef ASSAY_VERIFIER_SINGLE_H\n#define ASSAY_VERIFIER_SINGLE_H\n"
    system = sorted({s for f in headers for s in f.system})
    text += "\n" + "".join(f"#include <{s}>\n" for s in system)
    text += f'\n#define ASSAY_SOURCE_DIGEST \\\n    "{digest}"\n'
    moved = []
    for f in headers:
        stay, move = separate(f.items, public)
        scope = Scope(public, {""} | public | set(f.statics))
        text += banner(f.path) + written(stay, scope)
        moved += [(f.path, move)] if move else []
    return text + "\n#endif\n", moved


def private_file(parts, scope, out, digest):
    text = HEAD.format(title="The verifier of Assay, whole.", digest=digest)
    text += '#include "assay_verifier.h"\n' + PARTS
    for path, items in parts:
        body = written(items, scope)
        left = macros(items) if path.endswith(".c") else []
        body += "".join(f"\n#undef {name}" for name in left)
        body += "\n" if left else ""
        if path in out:
            body = f"#ifndef {M4}\n\n{body}\n#endif\n"
        text += banner(path) + body
    return text


def main():
    folder, interface = sys.argv[1:3]
    split = sys.argv.index("--")
    paths, every = sys.argv[3:split], sys.argv[split + 1:]
    files = [File(p) for p in paths]
    sources = [f for f in files if f.path.endswith(".c")]
    resolve_clashes(files)
    public_headers = ordered_headers(files, [interface])
    public = public_headers[-1].functions
    digest = digest_of({p for p in paths if p.endswith(".h")} | set(every))
    uses = {f.path: set(f.uses()) for f in files}
    replaced = {f.path: assembly_of(f.path) for f in sources
                if assembly_of(f.path) in every}
    out = left_out(files, uses, public, replaced)
    used = public.union(*uses.values())
    # Helpers of headers that nothing calls once the assembly is there.
    used -= ({n for f in files if f.path.endswith(".h") for n in f.statics}
             - set().union(*(uses[f.path] for f in files
                             if f.path not in out)))
    header, moved = public_file(public_headers, public, digest)
    private_headers = [f for f in ordered_headers(files,
                                                  [f.path for f in sources])
                       if f not in public_headers and f not in sources]
    parts = moved + [(f.path, f.items) for f in private_headers + sources]
    names = {n for f in sources if f.path in out
             for n in f.functions - f.statics}
    source = private_file(parts, Scope(
        public, used, names, shared_constants(files)), out, digest)
    os.makedirs(folder, exist_ok=True)
    for name, text in (("assay_verifier.h", header),
                       ("assay_verifier.c", source),
                       ("assay_verifier_m4.S",
                        assembly_file(replaced.values(), digest))):
        with open(os.path.join(folder, name), "w", encoding="utf-8",
                  newline="\n") as f:
            f.write(text)


if __name__ == "__main__":
    main()
