package dev.slipway.data.archive;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the regular files of a tar lie: ustar and pax (POSIX.1-2024, pax, "ustar Interchange
 * Format" and "pax Extended Header"), and GNU tar's long names. Nothing of it is ever written below
 * its own name.
 */
record TarIndex(List<FileTree.Entry> files, List<String> emptyFolders, Map<String, Long> offsets) {
  static final int BLOCK = 512;
  private static final int LARGEST_EXTENSION = 1 << 20;

  /** Whether a block is a header: its checksum holds. */
  static boolean isHeader(byte[] block) {
    if (block.length < BLOCK) {
      return false;
    }
    MemorySegment segment = MemorySegment.ofArray(block);
    return !isBlank(segment, 0) && checksumHolds(segment, 0);
  }

  /** Reads the headers of a whole tar. */
  static TarIndex of(Path path, MemorySegment tar, ArchiveLimits limits) {
    // A later entry of the same name replaces the earlier one, as when a tar was appended to.
    Map<String, FileTree.Entry> entries = new HashMap<>();
    Map<String, Long> offsets = new HashMap<>();
    List<String> folders = new ArrayList<>();
    long at = 0;
    String longName = null;
    Long paxSize = null;
    boolean ended = false;
    while (!ended && at + BLOCK <= tar.byteSize()) {
      if (isBlank(tar, at)) {
        ended = true;
        continue;
      }
      if (!checksumHolds(tar, at)) {
        throw ArchiveProblems.corrupt(path, "the header at byte " + at + " is damaged", null);
      }
      char type = (char) (tar.get(ValueLayout.JAVA_BYTE, at + 156) & 0xff);
      long size = paxSize != null && type != 'x' && type != 'g' ? paxSize : size(path, tar, at);
      long content = at + BLOCK;
      if (size < 0 || size > tar.byteSize() - content) {
        throw ArchiveProblems.corrupt(path, "it ends within an entry", null);
      }
      switch (type) {
        case 'x' -> {
          Map<String, String> pax = pax(path, tar, content, size);
          String name = pax.get("path");
          longName = name == null ? longName : name;
          paxSize = pax.containsKey("size") ? number(path, pax.get("size")) : null;
        }
        case 'L' -> longName = text(tar, content, extension(path, size));
        case 'g', 'K' -> {} // of all entries, or the target of a link: nothing that we use
        case 'S' -> throw ArchiveProblems.corrupt(path, "it has sparse files", null);
        default -> {
          String name = longName != null ? longName : headerName(tar, at);
          longName = null;
          paxSize = null;
          if ((type == '0' || type == 0 || type == '7') && !name.endsWith("/")) {
            String safe = safeName(path, name);
            entries.put(safe, new FileTree.Entry(safe, size));
            offsets.put(safe, content);
            if (entries.size() > limits.files()) {
              throw ArchiveProblems.tooManyFiles(path, limits);
            }
          } else if (type == '5') {
            folders.add(folderName(path, name));
          }
        }
      }
      at = content + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    if (!ended && at < tar.byteSize()) {
      throw ArchiveProblems.corrupt(path, "it ends within an entry", null);
    }
    List<FileTree.Entry> files = new ArrayList<>(entries.values());
    files.sort(Comparator.comparing(FileTree.Entry::name));
    return new TarIndex(List.copyOf(files), LabelledFiles.without(folders, files), offsets);
  }

  private static boolean isBlank(MemorySegment tar, long at) {
    for (int i = 0; i < BLOCK; i += Long.BYTES) {
      if (tar.get(ValueLayout.JAVA_LONG_UNALIGNED, at + i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum of the bytes with the checksum itself as spaces; some old programs summed signed. */
  private static boolean checksumHolds(MemorySegment tar, long at) {
    int unsigned = 0;
    int signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : tar.get(ValueLayout.JAVA_BYTE, at + i);
      unsigned += b & 0xff;
      signed += b;
    }
    long told = octal(tar, at + 148, 8);
    return told == unsigned || told == signed;
  }

  /** An octal number that ends at a space or zero; −1 where there is none. */
  private static long octal(MemorySegment tar, long at, int length) {
    long value = 0;
    boolean digits = false;
    for (int i = 0; i < length; i++) {
      byte b = tar.get(ValueLayout.JAVA_BYTE, at + i);
      if (b >= '0' && b <= '7') {
        value = value * 8 + (b - '0');
        digits = true;
      } else if (b == 0 || b == ' ') {
        if (digits) {
          break;
        }
      } else {
        return -1;
      }
    }
    return digits ? value : -1;
  }

  private static long size(Path path, MemorySegment tar, long at) {
    byte first = tar.get(ValueLayout.JAVA_BYTE, at + 124);
    if ((first & 0x80) == 0) {
      long size = octal(tar, at + 124, 12);
      return size < 0 ? number(path, "size at byte " + at) : size;
    }
    long size = 0; // GNU's base 256 for more than 8 GiB
    for (int i = 4; i < 12; i++) {
      size = size << 8 | tar.get(ValueLayout.JAVA_BYTE, at + 124 + i) & 0xff;
    }
    return size;
  }

  private static long number(Path path, @Nullable String text) {
    try {
      return Long.parseLong(String.valueOf(text));
    } catch (NumberFormatException e) {
      throw ArchiveProblems.corrupt(path, "a size in it is no number: " + text, e);
    }
  }

  private static String headerName(MemorySegment tar, long at) {
    String name = text(tar, at, 100);
    boolean ustar = text(tar, at + 257, 5).equals("ustar");
    // GNU's own format ("ustar  ") has other things where ustar has the prefix.
    boolean gnu = tar.get(ValueLayout.JAVA_BYTE, at + 262) == ' ';
    String prefix = ustar && !gnu ? text(tar, at + 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(MemorySegment tar, long at, long length) {
    int end = 0;
    while (end < length && tar.get(ValueLayout.JAVA_BYTE, at + end) != 0) {
      end++;
    }
    byte[] bytes = tar.asSlice(at, end).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static long extension(Path path, long size) {
    if (size > LARGEST_EXTENSION) {
      throw ArchiveProblems.corrupt(path, "a name in it has " + size + " bytes", null);
    }
    return size;
  }

  /** Records {@code "<length> <key>=<value>\n"}, the length in bytes and of the whole record. */
  private static Map<String, String> pax(Path path, MemorySegment tar, long at, long size) {
    byte[] bytes = tar.asSlice(at, extension(path, size)).toArray(ValueLayout.JAVA_BYTE);
    Map<String, String> records = new HashMap<>();
    int from = 0;
    while (from < bytes.length && bytes[from] != 0) {
      int space = from;
      while (space < bytes.length && bytes[space] != ' ') {
        space++;
      }
      String told = new String(bytes, from, space - from, StandardCharsets.UTF_8);
      long end = from + number(path, told);
      if (end <= space + 1 || end > bytes.length) {
        throw ArchiveProblems.corrupt(path, "a pax header in it is damaged", null);
      }
      String record = new String(bytes, space + 1, (int) end - space - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals > 0) {
        records.put(record.substring(0, equals), record.substring(equals + 1));
      }
      from = (int) end;
    }
    return records;
  }

  /** A folder's name without what is around it; empty for the root. */
  static String folderName(Path path, String name) {
    String plain = name.replaceFirst("/+$", "");
    return plain.isEmpty() || plain.equals(".") ? "" : safeName(path, plain);
  }

  /** The name without a leading {@code ./}; refused when it points out of the archive. */
  static String safeName(Path path, String name) {
    String plain = name;
    while (plain.startsWith("./")) {
      plain = plain.substring(2);
    }
    boolean outside = plain.isEmpty() || plain.startsWith("/") || plain.indexOf('\0') >= 0;
    for (String part : plain.split("[/\\\\]", -1)) {
      outside |= part.equals("..");
    }
    if (outside) {
      throw ArchiveProblems.unsafe(path, name);
    }
    return plain;
  }
}
