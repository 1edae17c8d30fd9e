/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef ASSAY_BASE_STATUS_H
#define ASSAY_BASE_STATUS_H

/*
 * Every result of every function, once. From this list come the enumeration,
 * the texts of the command line, the tables of the manual and the tests.
 * Append only: a value, once released, keeps its meaning.
 *
 *   X(symbol, value, nordic, rule, meaning, advice)
 *
 * value   0x0gii: group g, number ii. ASSAY_OK is at least 8 bits away from
 *         zero, from all ones and from every other value, so that no single
 *         flipped or skipped write turns a refusal into acceptance.
 * nordic  what a Nordic Secure DFU target answers on the wire: a result code
 *         (0x0005), an extended error 0x0B followed by its code (0x0B07), or
 *         0 where no answer exists because no device ever sees the fault.
 * rule    the rule of docs/formats.md that the status reports.
 * advice  what the person who reads it can do.
 *
 * Groups: 0 general, 1 init packet, 2 signature and key, 3 policy of the
 * device, 4 image, 5 container, 6 file, 7 hex file and settings page, 8 key
 * file, 9 making a package.
 */
#define ASSAY_STATUS_LIST(X)                                                   \
    X(OK, 0x3CA5965A, 0x0001, "ST-01", "accepted", "nothing to do")            \
    X(FAILED, 0x001, 0x000A, "ST-02", "no decision was reached",               \
      "report this: a decision must always be reached")                        \
                                                                               \
    X(PACKET_EMPTY, 0x101, 0x0003, "IP-01", "the init packet is empty",        \
      "rebuild the package")                                                   \
    X(PACKET_TOO_LONG, 0x102, 0x0004, "IP-02",                                 \
      "the init packet is longer than 512 bytes",                              \
      "this is not an init packet; check which file the manifest names")       \
    X(TRUNCATED, 0x103, 0x0005, "IP-03",                                       \
      "a field runs past the end of the message that holds it",                \
      "the init packet is cut short or damaged; fetch the package again")      \
    X(VARINT_OVERLONG, 0x104, 0x0005, "IP-04",                                 \
      "an integer is not in its shortest encoding",                            \
      "the init packet was not made by a known tool; do not trust it")         \
    X(VARINT_RANGE, 0x105, 0x0005, "IP-05",                                    \
      "an integer does not fit in 32 bits",                                    \
      "the init packet is damaged or forged; fetch the package again")         \
    X(FIELD_UNKNOWN, 0x106, 0x0005, "IP-06",                                   \
      "a field number does not belong to the message",                         \
      "the init packet is damaged, or of a newer kind than this tool knows")   \
    X(FIELD_WIRE_TYPE, 0x107, 0x0005, "IP-07",                                 \
      "a field has the wrong wire type",                                       \
      "the init packet is damaged or forged; fetch the package again")         \
    X(FIELD_DUPLICATE, 0x108, 0x0005, "IP-08",                                 \
      "a field that may stand once stands twice",                              \
      "the init packet can be read in two ways; do not trust it")              \
    X(FIELD_ORDER, 0x109, 0x0005, "IP-09",                                     \
      "fields are not in ascending order",                                     \
      "the init packet was not made by a known tool; do not trust it")         \
    X(FIELD_MISSING, 0x10A, 0x0005, "IP-10", "a required field is missing",    \
      "the init packet is incomplete; rebuild the package")                    \
    X(BOTH_COMMANDS, 0x10B, 0x0005, "IP-11",                                   \
      "a signed and an unsigned command stand side by side",                   \
      "the init packet can be read in two ways; do not trust it")              \
    X(OP_CODE, 0x10C, 0x0005, "IP-12", "the operation code is not INIT",       \
      "only init commands belong in a package")                                \
    X(BOOL_RANGE, 0x10D, 0x0005, "IP-13", "a boolean is neither 0 nor 1",      \
      "the init packet was not made by a known tool; do not trust it")         \
    X(LIST_EMPTY, 0x10E, 0x0005, "IP-14",                                      \
      "an empty list is encoded instead of left out",                          \
      "the init packet was not made by a known tool; do not trust it")         \
    X(SD_REQ_COUNT, 0x10F, 0x0005, "IP-15",                                    \
      "more than 16 SoftDevice requirements",                                  \
      "shorten --sd-req to at most 16 entries")                                \
    X(HASH_LENGTH, 0x110, 0x0005, "IP-16",                                     \
      "the image digest does not have the length of its type",                 \
      "the init packet is damaged; fetch the package again")                   \
    X(SIGNATURE_LENGTH, 0x111, 0x000A, "IP-17",                                \
      "the signature is not 64 bytes long",                                    \
      "the init packet is damaged or signed by a foreign tool")                \
    X(VALIDATION_COUNT, 0x112, 0x0005, "IP-18",                                \
      "more than 3 boot validations", "rebuild the package")                   \
    X(VALIDATION_LENGTH, 0x113, 0x0005, "IP-19",                               \
      "a boot validation does not have the length of its type",                \
      "the init packet is damaged; fetch the package again")                   \
    X(FW_TYPE_UNKNOWN, 0x114, 0x0B04, "IP-20",                                 \
      "the firmware type is not one of the five defined",                      \
      "the package is newer than this tool or forged")                         \
    X(HASH_TYPE_UNKNOWN, 0x115, 0x0B09, "IP-21",                               \
      "the digest type is not one of the five defined",                        \
      "the package is newer than this tool or forged")                         \
    X(VALIDATION_TYPE_UNKNOWN, 0x116, 0x0005, "IP-22",                         \
      "a boot validation type is not one of the four defined",                 \
      "the package is newer than this tool or forged")                         \
    X(SIGNATURE_TYPE_UNKNOWN, 0x117, 0x0B0B, "IP-23",                          \
      "the signature type is not one of the two defined",                      \
      "the package is newer than this tool or forged")                         \
                                                                               \
    X(SIGNATURE_INVALID, 0x201, 0x0005, "SG-01",                               \
      "no trusted key made this signature",                                    \
      "check that you have the right public key; if so, do not install it")    \
    X(SIGNATURE_MISSING, 0x202, 0x0B08, "SG-02", "the package is not signed",  \
      "ask the publisher for a signed package")                                \
    X(SIGNATURE_TYPE, 0x203, 0x0B0B, "SG-03",                                  \
      "no trusted key has the algorithm of this signature",                    \
      "give the public key that belongs to the package's algorithm")           \
    X(KEY_INVALID, 0x204, 0x0005, "KY-01",                                     \
      "the public key is no usable point of its curve",                        \
      "the key file is damaged; export the public key again")                  \
    X(KEY_PUBLISHED, 0x205, 0x0005, "KY-02",                                   \
      "the private half of this key is public knowledge",                      \
      "sign with a key of your own; tests may use --allow-published-keys")     \
    X(KEY_REVOKED, 0x206, 0x0005, "KY-03", "the signing key is revoked",       \
      "ask the publisher for a package signed with a current key")             \
    X(KEY_ROLE, 0x207, 0x0005, "KY-04",                                        \
      "the signing key may not sign this type of firmware",                    \
      "sign with a key that has the role, or correct the key table")           \
    X(KEY_TABLE, 0x208, 0x000A, "KY-05",                                       \
      "the key table is empty, or an entry is a duplicate or unusable",        \
      "give at least one public key")                                          \
                                                                               \
    X(TYPE_MISSING, 0x301, 0x0B04, "PO-01", "the firmware type is missing",    \
      "rebuild the package")                                                   \
    X(TYPE_REFUSED, 0x302, 0x0B04, "PO-02",                                    \
      "the device does not take this type of firmware",                        \
      "send the package to a device that supports external applications")      \
    X(HASH_TYPE, 0x303, 0x0B09, "PO-03",                                       \
      "the image digest is missing or not SHA-256", "rebuild the package")     \
    X(HW_VERSION_MISSING, 0x304, 0x0B04, "PO-04",                              \
      "the hardware version is missing", "rebuild with --hw-version")          \
    X(HW_VERSION, 0x305, 0x0B06, "PO-05",                                      \
      "the package is for another hardware version",                           \
      "use the package made for this hardware")                                \
    X(SD_REQ, 0x306, 0x0B07, "PO-06",                                          \
      "the device does not have a SoftDevice that the package asks for",       \
      "update the SoftDevice first, or rebuild with the right --sd-req")       \
    X(FW_VERSION_MISSING, 0x307, 0x0B04, "PO-07",                              \
      "the firmware version is missing", "rebuild with a version")             \
    X(FW_VERSION, 0x308, 0x0B05, "PO-08",                                      \
      "the firmware version is not newer than the device's",                   \
      "rebuild with a higher version; downgrades are refused")                 \
    X(SIZE_ZERO, 0x309, 0x0B04, "PO-09", "the image size is zero or missing",  \
      "rebuild the package")                                                   \
    X(SIZE_OVERFLOW, 0x30A, 0x0B04, "PO-10",                                   \
      "the image sizes add up to more than 32 bits",                           \
      "the init packet is forged; do not trust it")                            \
    X(BOOTLOADER_ROOM, 0x30B, 0x0004, "PO-11",                                 \
      "the bootloader is larger than the bootloader region",                   \
      "a bootloader cannot grow by DFU; shrink it")                            \
    X(IMAGE_ROOM, 0x30C, 0x0004, "PO-12",                                      \
      "the image does not fit in the free flash",                              \
      "shrink the image, or allow single-bank updates")                        \
                                                                               \
    X(IMAGE_LONG, 0x401, 0x0008, "IM-01",                                      \
      "the image is longer than the init packet says",                         \
      "image and init packet do not belong together; rebuild the package")     \
    X(IMAGE_SHORT, 0x402, 0x0008, "IM-02",                                     \
      "the image is shorter than the init packet says",                        \
      "image and init packet do not belong together; rebuild the package")     \
    X(IMAGE_DIGEST, 0x403, 0x0B0C, "IM-03",                                    \
      "the image does not have the digest that was signed",                    \
      "the image was changed after signing; do not install it")                \
    X(IMAGE_STATE, 0x404, 0x0008, "IM-04",                                     \
      "image bytes came without an accepted init packet",                      \
      "verify the init packet first")                                          \
    X(IMAGE_SOFTDEVICE, 0x405, 0x0005, "IM-05",                                \
      "the SoftDevice image does not fit the device or its own header",        \
      "use a SoftDevice of the family and major version on the device")        \
    X(IMAGE_VALIDATION, 0x406, 0x0005, "IM-06",                                \
      "the boot validation of the image fails",                                \
      "rebuild the package with the key that the device trusts")

/*
 * Results that only the host can have: containers, files, hex, keys. They
 * stand apart so that firmware need not read them; one enumeration holds
 * both lists.
 */
#define ASSAY_STATUS_LIST_HOST(X)                                              \
    X(ZIP_NOT_ZIP, 0x501, 0, "ZP-01", "not a zip archive",                     \
      "check the file; a DFU package is a .zip")                               \
    X(ZIP_TRUNCATED, 0x502, 0, "ZP-02", "the zip archive is cut short",        \
      "fetch the package again")                                               \
    X(ZIP_TRAILING, 0x503, 0, "ZP-03",                                         \
      "bytes stand before, between or after the parts of the zip archive",     \
      "the archive hides data; do not trust it")                               \
    X(ZIP_INCONSISTENT, 0x504, 0, "ZP-04",                                     \
      "the zip directory and the zip members contradict each other",           \
      "the archive can be read in two ways; do not trust it")                  \
    X(ZIP_UNSUPPORTED, 0x505, 0, "ZP-05",                                      \
      "the zip archive uses a feature that packages never use",                \
      "repack with method store or deflate, unencrypted, without ZIP64")       \
    X(ZIP_DUPLICATE, 0x506, 0, "ZP-06", "two zip members have the same name",  \
      "the archive can be read in two ways; do not trust it")                  \
    X(ZIP_NAME, 0x507, 0, "ZP-07",                                             \
      "a zip member has an absolute, parent, empty or unprintable name",       \
      "do not unpack this archive")                                            \
    X(ZIP_COUNT, 0x508, 0, "ZP-08", "too many zip members",                    \
      "a DFU package has at most a few files")                                 \
    X(ZIP_BOMB, 0x509, 0, "ZP-09",                                             \
      "a zip member is larger than it says or than any device could hold",     \
      "do not unpack this archive")                                            \
    X(ZIP_DATA, 0x50A, 0, "ZP-10",                                             \
      "the compressed data or the checksum of a zip member is wrong",          \
      "fetch the package again")                                               \
    X(ZIP_MEMBER, 0x50B, 0, "ZP-11",                                           \
      "a file that the manifest names is not in the archive",                  \
      "rebuild the package")                                                   \
    X(PACKAGE_NESTED, 0x50C, 0, "ZP-12",                                       \
      "the package was zipped again inside a folder",                          \
      "unpack it once and use the package inside, or zip the files alone")     \
    X(MANIFEST_MISSING, 0x50D, 0, "MF-01", "no manifest.json in the archive",  \
      "this is not a DFU package, or it was repacked wrongly")                 \
    X(MANIFEST_JSON, 0x50E, 0, "MF-02", "manifest.json is not valid JSON",     \
      "rebuild the package")                                                   \
    X(MANIFEST_SHAPE, 0x50F, 0, "MF-03",                                       \
      "manifest.json does not have the shape of a DFU manifest",               \
      "rebuild the package")                                                   \
    X(MANIFEST_EMPTY, 0x510, 0, "MF-04", "the manifest names no image",        \
      "rebuild the package with an image")                                     \
    X(MANIFEST_TYPE, 0x511, 0, "MF-05",                                        \
      "the manifest calls the image another type than the signed packet",      \
      "the package was put together wrongly; rebuild it")                      \
    X(LEGACY_PACKAGE, 0x512, 0, "MF-06",                                       \
      "a legacy DFU package (SDK 11 or older): it has no signature",           \
      "no signature can be checked; ask for a Secure DFU package")             \
    X(FORMAT_UNKNOWN, 0x513, 0, "FT-01", "the file is of no known format",     \
      "check that this is the right file")                                     \
    X(FORMAT_UNVERIFIABLE, 0x514, 0, "FT-02",                                  \
      "the format is recognised, but Assay does not verify it yet",            \
      "use assay inspect to look at it")                                       \
    X(FORMAT_CHECKSUM, 0x515, 0, "FT-03",                                      \
      "a checksum inside of the file is wrong", "fetch the file again")        \
    X(FORMAT_DAMAGED, 0x516, 0, "FT-04",                                       \
      "the structure of the file is damaged", "fetch or build the file again") \
    X(ZIP_LINK, 0x517, 0, "ZP-13", "a zip member is a link or a device",       \
      "do not unpack this archive")                                            \
                                                                               \
    X(FILE_UNREADABLE, 0x601, 0, "FI-01", "the file cannot be read",           \
      "check the path and its permissions")                                    \
    X(FILE_DIRECTORY, 0x602, 0, "FI-02", "a directory, not a file",            \
      "give the path of a file")                                               \
    X(FILE_EMPTY, 0x603, 0, "FI-03", "the file is empty",                      \
      "fetch or build the file again")                                         \
    X(FILE_TOO_LARGE, 0x604, 0, "FI-04",                                       \
      "the file is larger than any file of its kind",                          \
      "check that this is the right file")                                     \
    X(FILE_EXISTS, 0x605, 0, "FI-05", "the file exists already",               \
      "choose another name, or give --force to generate a key anew")           \
    X(FILE_WRITE, 0x606, 0, "FI-06", "the file cannot be written",             \
      "check the folder, its permissions and the free space")                  \
    X(DEVICE_FILE, 0x609, 0, "DV-01",                                          \
      "the device file has a line that cannot be used",                        \
      "see the keys of a device file in docs/formats.md")                      \
    X(ENGINE_MISSING, 0x60A, 0, "EN-01",                                       \
      "the Cortex-M4 engine is not part of this build or installation",        \
      "install assay-m4, or use --engine native")                              \
    X(ENGINE_FAILED, 0x60B, 0, "EN-02",                                        \
      "the Cortex-M4 engine did not come to a verdict",                        \
      "report this with the command and its input")                            \
    X(ENGINE_DISAGREES, 0x60C, 0, "EN-03",                                     \
      "the two engines give different verdicts, so there is none",             \
      "do not trust this build: report it with the input")                     \
    X(MEMORY, 0x607, 0, "FI-07", "out of memory", "free some memory")          \
    X(INTERNAL, 0x608, 0, "FI-08", "an internal step failed",                  \
      "report this with the command and its input")                            \
                                                                               \
    X(HEX_SYNTAX, 0x701, 0, "HX-01", "a line is not an Intel HEX record",      \
      "the hex file is damaged; build it again")                               \
    X(HEX_CHECKSUM, 0x702, 0, "HX-02",                                         \
      "the checksum of an Intel HEX record is wrong",                          \
      "the hex file is damaged; build it again")                               \
    X(HEX_RECORD, 0x703, 0, "HX-03",                                           \
      "an Intel HEX record has an unknown type or a wrong length",             \
      "the hex file is damaged; build it again")                               \
    X(HEX_OVERLAP, 0x704, 0, "HX-04",                                          \
      "two Intel HEX records write different values to one address",           \
      "merge the hex files again without overlap")                             \
    X(HEX_RANGE, 0x705, 0, "HX-05",                                            \
      "the hex file has no data, or its data do not fit a device",             \
      "check that the hex file is for this chip")                              \
    X(HEX_NO_END, 0x706, 0, "HX-06",                                           \
      "the end-of-file record is missing, or records follow it",               \
      "the hex file is cut short; build it again")                             \
    X(SETTINGS_NOT_FOUND, 0x707, 0, "SP-01",                                   \
      "no bootloader settings page in the file",                               \
      "check the file; pages are at the addresses in docs/formats.md")         \
    X(SETTINGS_CRC, 0x708, 0, "SP-02",                                         \
      "the CRC of the settings page is wrong",                                 \
      "a bootloader ignores such a page; generate it again")                   \
    X(SETTINGS_VERSION, 0x709, 0, "SP-03",                                     \
      "the settings version is neither 1 nor 2",                               \
      "use --bl-settings-version 1 (to SDK 15.2) or 2 (from SDK 15.3)")        \
                                                                               \
    X(KEYFILE_FORMAT, 0x801, 0, "KF-01",                                       \
      "not a key in PEM, PKCS#8, SEC1, hex or raw form",                       \
      "export the key as PEM")                                                 \
    X(KEYFILE_ALGORITHM, 0x802, 0, "KF-02",                                    \
      "the key is neither P-256 nor Ed25519",                                  \
      "only P-256 and Ed25519 keys sign these packages")                       \
    X(KEYFILE_PASSPHRASE, 0x803, 0, "KF-03",                                   \
      "the passphrase is missing or wrong",                                    \
      "give it with --passphrase-file, or on the terminal")                    \
    X(KEYFILE_PUBLIC, 0x804, 0, "KF-04",                                       \
      "a private key is needed and the file has only the public half",         \
      "give the private key, or sign elsewhere with --to-be-signed")           \
    X(KEYFILE_NONE_FOUND, 0x805, 0, "KF-05",                                   \
      "no public key found in the file",                                       \
      "the file may hold one at an odd place: try --every-offset")             \
                                                                               \
    X(GENERATE_UNSIGNED, 0x901, 0, "GN-01",                                    \
      "no key was given, so the package would be unsigned",                    \
      "give --key-file, or --unsigned if that is what you want")               \
    X(GENERATE_OPTIONS, 0x902, 0, "GN-02", "the options do not go together",   \
      "see the combinations in assay pkg generate --help")                     \
    X(GENERATE_IMAGE, 0x903, 0, "GN-03",                                       \
      "an image file is empty or unusable for its type",                       \
      "check the image file")                                                  \
    X(GENERATE_SELF_CHECK, 0x904, 0, "GN-04",                                  \
      "what was made does not verify, so it was not written",                  \
      "check that the attached signature belongs to these bytes and this key")

#define ASSAY_STATUS_ENUM(symbol, value, nordic, rule, meaning, advice)        \
    ASSAY_##symbol = (value),

enum assay_status {
    ASSAY_STATUS_LIST(ASSAY_STATUS_ENUM)
        ASSAY_STATUS_LIST_HOST(ASSAY_STATUS_ENUM)
};

#undef ASSAY_STATUS_ENUM

/* A result that is not looked at is a check that was not made. */
#define ASSAY_MUST_USE __attribute__((warn_unused_result))

#endif
