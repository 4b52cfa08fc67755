package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tells one version of a model from another by what its files hold, whatever they are called or
 * when they were written. Of large files the beginning, with the names and shapes of tensors, and
 * samples are read: training changes every weight, and a version is told at once also of a model of
 * many gigabytes.
 */
public final class ModelVersion {
  private static final Pattern READ =
      Pattern.compile(".*\\.(safetensors|gguf|json|jinja|model|txt)");
  private static final int DIGITS = 12;
  private static final int WHOLE = 1 << 20;
  private static final int SAMPLES = 512;
  private static final int SAMPLE = 4096;

  private ModelVersion() {}

  /**
   * The version of a model that comes from folders or GGUF files, {@value #DIGITS} hexadecimal
   * digits.
   */
  public static String of(List<Path> sources) {
    MessageDigest hash = Hashing.digest();
    for (Path source : sources) {
      try {
        for (Path file : files(source)) {
          add(hash, file.equals(source) ? "" : String.valueOf(file.getFileName()), file);
        }
      } catch (IOException e) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.unreadable",
            source + " can't be read (" + e.getMessage() + "), expected a model",
            "check that you may read it",
            e);
      }
    }
    return Hashing.hex(hash.digest()).substring(0, DIGITS);
  }

  private static List<Path> files(Path source) throws IOException {
    if (!Files.isDirectory(source)) {
      return List.of(source);
    }
    try (Stream<Path> all = Files.list(source)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> READ.matcher(String.valueOf(file.getFileName())).matches())
          .sorted()
          .toList();
    }
  }

  private static void add(MessageDigest hash, String name, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      hash.update((name + "\n" + size + "\n").getBytes(StandardCharsets.UTF_8));
      add(hash, channel, 0, (int) Math.min(size, WHOLE));
      for (int i = 1; size > WHOLE && i <= SAMPLES; i++) {
        add(hash, channel, WHOLE + (size - WHOLE - SAMPLE) / SAMPLES * i, SAMPLE);
      }
    }
  }

  private static void add(MessageDigest hash, FileChannel channel, long at, int count)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, Math.max(0, at) + bytes.position()) < 0) {
        break;
      }
    }
    hash.update(bytes.flip());
  }
}
