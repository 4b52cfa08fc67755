package dev.slipway.data;

import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The cleaned documents of all splits in a folder, kept because the tokenizer's training, the
 * tokenising, the yardsticks and a later look at the run all need the text, and the source may have
 * changed by then. In {@code SPLIT.documents} each is a frame: int32 lengths of id, text and packed
 * text (little endian), the id in UTF-8, the text in UTF-8 packed by Deflate (RFC 1951). Beside it
 * the {@code ledger.parquet} of the source and a {@code manifest.json} with statistics and SHA-256.
 */
public final class Documents implements AutoCloseable {
  static final String MANIFEST = "manifest.json";
  static final String LEDGER = "ledger.parquet";
  static final String ENDING = ".documents";
  static final int FORMAT = 1;
  private static final int HEADER = 3 * Integer.BYTES;

  private final Path folder;
  private final Manifest manifest;
  private final Arena arena;
  private final Map<SplitName, MemorySegment> files;

  /** What the manifest holds. */
  record Manifest(int format, long seed, Statistics statistics, Map<String, String> sha256) {}

  private Documents(
      Path folder, Manifest manifest, Arena arena, Map<SplitName, MemorySegment> files) {
    this.folder = folder;
    this.manifest = manifest;
    this.arena = arena;
    this.files = files;
  }

  /** Whether a folder holds finished documents; what a kill left unfinished never does. */
  public static boolean areIn(Path folder) {
    return Files.isRegularFile(folder.resolve(MANIFEST));
  }

  /**
   * Opens a prepared folder after checking its sums.
   *
   * @throws SlipwayException {@code data.documents-damaged} if it is not what its manifest says
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static Documents open(Path folder) {
    PreparedFiles.Damage damage =
        new PreparedFiles.Damage("data.documents-damaged", "documents", folder);
    Manifest manifest = PreparedFiles.manifest(folder.resolve(MANIFEST), Manifest.class, damage);
    PreparedFiles.check(folder, manifest.format(), FORMAT, manifest.sha256(), damage);
    Arena arena = Arena.ofShared();
    try {
      Map<SplitName, MemorySegment> files = new EnumMap<>(SplitName.class);
      for (SplitName split : SplitName.values()) {
        files.put(split, PreparedFiles.map(folder.resolve(split.label() + ENDING), arena));
      }
      return new Documents(folder, manifest, arena, files);
    } catch (IOException e) {
      arena.close();
      throw damage.of("a file cannot be read: " + e.getMessage(), e);
    }
  }

  public Path folder() {
    return folder;
  }

  public Statistics statistics() {
    return manifest.statistics();
  }

  /** The seed by which the records were split. */
  public long seed() {
    return manifest.seed();
  }

  /** The documents of a split in the order of the source; each iteration reads them anew. */
  public Iterable<Document> documents(SplitName split) {
    MemorySegment file = files.getOrDefault(split, MemorySegment.NULL);
    return () -> new Frames(file);
  }

  /** The texts of a split in the order of the source; each iteration reads them anew. */
  public Iterable<String> texts(SplitName split) {
    Iterable<Document> documents = documents(split);
    return () -> {
      Iterator<Document> iterator = documents.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return iterator.hasNext();
        }

        @Override
        public String next() {
          return iterator.next().text();
        }
      };
    };
  }

  /** The source's records and what became of them, before any training. */
  public Ledger ledger() {
    return Ledger.read(
        folder.resolve(LEDGER),
        new Ledger.Input(manifest.statistics().records(), manifest.statistics().bytes()));
  }

  /** Unmaps; nothing may be iterated afterwards. */
  @Override
  public void close() {
    arena.close();
  }

  static byte[] pack(byte[] utf8) {
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
      deflater.setInput(utf8);
      deflater.finish();
      byte[] packed = new byte[utf8.length / 2 + 64];
      int length = deflater.deflate(packed);
      while (!deflater.finished()) {
        packed = Arrays.copyOf(packed, packed.length * 2);
        length += deflater.deflate(packed, length, packed.length - length);
      }
      return Arrays.copyOf(packed, length);
    }
  }

  static void writeFrame(OutputStream out, String id, int textBytes, byte[] packed)
      throws IOException {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    out.write(
        ByteBuffer.allocate(HEADER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(name.length)
            .putInt(textBytes)
            .putInt(packed.length)
            .array());
    out.write(name);
    out.write(packed);
  }

  private static final class Frames implements Iterator<Document> {
    private final MemorySegment file;
    private long position;

    Frames(MemorySegment file) {
      this.file = file;
    }

    @Override
    public boolean hasNext() {
      return position < file.byteSize();
    }

    @Override
    public Document next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int idBytes = file.get(TokenShard.INT, position);
      int textBytes = file.get(TokenShard.INT, position + Integer.BYTES);
      int packedBytes = file.get(TokenShard.INT, position + 2 * Integer.BYTES);
      long at = position + HEADER;
      byte[] id = file.asSlice(at, idBytes).toArray(ValueLayout.JAVA_BYTE);
      byte[] packed = file.asSlice(at + idBytes, packedBytes).toArray(ValueLayout.JAVA_BYTE);
      position = at + idBytes + packedBytes;
      return new Document(
          new String(id, StandardCharsets.UTF_8),
          new String(unpack(packed, textBytes), StandardCharsets.UTF_8));
    }

    private static byte[] unpack(byte[] packed, int length) {
      byte[] result = new byte[length];
      try (Inflater inflater = new Inflater(true)) {
        inflater.setInput(packed);
        int done = 0;
        while (done < length) {
          int more = inflater.inflate(result, done, length - done);
          if (more == 0) {
            throw new DataFormatException("it ends too early");
          }
          done += more;
        }
        return result;
      } catch (DataFormatException e) {
        throw new IllegalStateException("a frame whose checksum held cannot be unpacked", e);
      }
    }
  }
}
