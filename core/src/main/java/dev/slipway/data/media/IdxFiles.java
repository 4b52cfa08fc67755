package dev.slipway.data.media;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Pictures and labels in IDX, the format of MNIST: unsigned bytes, gzip or plain. Fields: {@code
 * picture}, as pixels, and {@code label}, the number as text.
 */
public final class IdxFiles implements ExampleSet {
  private static final int UNSIGNED_BYTES = 0x08;

  /** Pictures and their labels in two files. */
  public record Pair(Path images, Path labels, SplitName split) {}

  /** A file of bytes in some dimensions. */
  private record Array(int[] sizes, byte[] bytes) {}

  private record Loaded(SplitName split, Array images, Array labels, int first) {
    int count() {
      return images.sizes[0];
    }
  }

  private final List<Loaded> parts;
  private final int size;

  private IdxFiles(List<Loaded> parts, int size) {
    this.parts = parts;
    this.size = size;
  }

  /**
   * Files that belong together.
   *
   * @throws SlipwayException {@code data.idx-malformed} if one is damaged, or they don't fit
   */
  public static ExampleSet open(List<Pair> pairs) {
    List<Loaded> parts = new ArrayList<>();
    int first = 0;
    for (Pair pair : pairs) {
      Loaded part =
          loaded(
              pair.images().toString(),
              read(pair.images()),
              pair.labels().toString(),
              read(pair.labels()),
              pair.split(),
              first);
      parts.add(part);
      first += part.count();
    }
    return new IdxFiles(List.copyOf(parts), first);
  }

  /**
   * All pairs of a folder or archive, told by their names as MNIST, Fashion-MNIST and EMNIST have
   * them: {@code …images-idx3…} and {@code …labels-idx1…} with the same beginning, for testing
   * where that holds {@code t10k} or {@code test}. The tree is read and closed.
   *
   * @throws SlipwayException {@code data.idx-none} if there are no pairs
   */
  public static ExampleSet open(FileTree tree) {
    try (tree) {
      List<Loaded> parts = new ArrayList<>();
      int first = 0;
      for (FileTree.Entry images : tree.files()) {
        if (!images.fileName().contains("images-idx3")) {
          continue;
        }
        String wanted = images.name().replace("images-idx3", "labels-idx1");
        Optional<FileTree.Entry> labels =
            tree.files().stream().filter(e -> plain(e.name()).equals(plain(wanted))).findFirst();
        if (labels.isEmpty()) {
          continue;
        }
        String name = images.fileName().toLowerCase(Locale.ROOT);
        SplitName split =
            name.contains("t10k") || name.contains("test") ? SplitName.TEST : SplitName.TRAIN;
        Loaded part =
            loaded(
                images.name(),
                tree.read(images),
                labels.get().name(),
                tree.read(labels.get()),
                split,
                first);
        parts.add(part);
        first += part.count();
      }
      if (parts.isEmpty()) {
        throw new SlipwayException(
            Exit.INPUT,
            "data.idx-none",
            tree.origin() + " has no pair of images-idx3 and labels-idx1",
            "give the folder with both, such as train-images-idx3-ubyte.gz and"
                + " train-labels-idx1-ubyte.gz");
      }
      return new IdxFiles(List.copyOf(parts), first);
    }
  }

  private static String plain(String name) {
    return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
  }

  private static Loaded loaded(
      String imagesName,
      byte[] imagesFile,
      String labelsName,
      byte[] labelsFile,
      SplitName split,
      int first) {
    Array images = parse(imagesName, imagesFile);
    Array labels = parse(labelsName, labelsFile);
    int rank = images.sizes.length;
    if (rank < 3 || rank > 4 || (rank == 4 && images.sizes[3] != 1 && images.sizes[3] != 3)) {
      throw malformed(
          imagesName, "its sizes are " + Arrays.toString(images.sizes) + ", not of pictures");
    }
    if (labels.sizes.length != 1 || labels.sizes[0] != images.sizes[0]) {
      throw malformed(
          labelsName,
          "it is of " + labels.sizes[0] + " examples, and the pictures are " + images.sizes[0]);
    }
    return new Loaded(split, images, labels, first);
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw malformed(path.toString(), "reading it failed: " + e);
    }
  }

  private static SlipwayException malformed(String name, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "data.idx-malformed",
        name + " can't be read as IDX: " + what,
        "copy or download it again");
  }

  private static Array parse(String name, byte[] file) {
    boolean packed = file.length > 2 && file[0] == 0x1f && file[1] == (byte) 0x8b;
    try (InputStream in =
        packed
            ? new GZIPInputStream(new ByteArrayInputStream(file))
            : new ByteArrayInputStream(file)) {
      byte[] magic = in.readNBytes(4);
      if (magic.length < 4 || magic[0] != 0 || magic[1] != 0 || magic[3] < 1 || magic[3] > 4) {
        throw malformed(name, "its first bytes are not those of IDX");
      }
      if (magic[2] != UNSIGNED_BYTES) {
        throw malformed(name, "it is not of unsigned bytes");
      }
      int[] sizes = new int[magic[3]];
      long total = 1;
      for (int i = 0; i < sizes.length; i++) {
        byte[] word = in.readNBytes(4);
        sizes[i] = word.length < 4 ? -1 : ByteBuffer.wrap(word).getInt();
        // A gzip packs at most some 1032 to 1.
        total = sizes[i] < 1 ? -1 : Math.multiplyExact(total, (long) sizes[i]);
        if (total < 1 || total > Math.min(Integer.MAX_VALUE - 16, file.length * 1032L)) {
          throw malformed(name, "its sizes are damaged");
        }
      }
      byte[] bytes = in.readNBytes((int) total);
      if (bytes.length < total || in.read() >= 0) {
        throw malformed(name, "its length is not what its sizes tell");
      }
      return new Array(sizes, bytes);
    } catch (EOFException | ZipException e) {
      throw malformed(name, "its compressed data are damaged");
    } catch (IOException e) {
      throw malformed(name, "reading it failed: " + e);
    }
  }

  private Loaded part(int example) {
    for (Loaded part : parts) {
      if (example < part.first + part.count()) {
        return part;
      }
    }
    throw new IndexOutOfBoundsException(example);
  }

  @Override
  public int size() {
    return size;
  }

  /** {@code train-17} for the 18th training picture. */
  @Override
  public String id(int example) {
    Loaded part = part(example);
    int at = parts.indexOf(part);
    boolean alone = parts.stream().filter(p -> p.split == part.split).count() == 1;
    return part.split.label() + (alone ? "" : "-" + at) + "-" + (example - part.first);
  }

  /** Of its pixels and its label, unpacked. */
  @Override
  public long bytes(int example) {
    return pixels(part(example)) + 1;
  }

  private static int pixels(Loaded part) {
    return part.images.bytes.length / part.count();
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field("picture", Field.Kind.PICTURE), new Field("label", Field.Kind.TEXT));
  }

  @Override
  public Value value(int example, String field) {
    Loaded part = part(example);
    int at = example - part.first;
    return switch (field) {
      case "picture" -> {
        int[] sizes = part.images.sizes;
        int pixels = pixels(part);
        yield new Value.Pixels(
            sizes[1],
            sizes[2],
            sizes.length == 4 ? sizes[3] : 1,
            Arrays.copyOfRange(part.images.bytes, at * pixels, (at + 1) * pixels));
      }
      case "label" -> new Value.Text(String.valueOf(part.labels.bytes[at] & 0xFF));
      default -> throw new IllegalArgumentException("there is no field " + field);
    };
  }

  @Override
  public Optional<SplitName> given(int example) {
    return Optional.of(part(example).split);
  }

  @Override
  public List<DroppedExample> dropped() {
    return List.of();
  }

  @Override
  public void close() {}
}
