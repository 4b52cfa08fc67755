package dev.slipway.tensor;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** There was no memory for a tensor; what was asked for, as far as libtorch tells. */
public final class TensorOutOfMemory extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** "you tried to allocate 4096 bytes" on the CPU, "Tried to allocate 2.00 GiB" on a GPU. */
  private static final Pattern REQUEST =
      Pattern.compile("tried to allocate ([0-9.]+) (bytes|kib|mib|gib)");

  private final long requestedBytes;

  private TensorOutOfMemory(String message, long requestedBytes, Throwable cause) {
    super(message, cause);
    this.requestedBytes = requestedBytes;
  }

  /** Bytes of the request that failed, or -1 where libtorch does not say. */
  public long requestedBytes() {
    return requestedBytes;
  }

  /** A failure as lack of memory, or null when it is something else. */
  public static @Nullable TensorOutOfMemory recognise(Throwable failure) {
    if (failure instanceof TensorOutOfMemory known) {
      return known;
    }
    if (!Engine.isOutOfMemory(failure)) {
      return null;
    }
    long bytes = requested(String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT));
    String request = bytes < 0 ? "" : String.format(Locale.ROOT, " of %,d bytes", bytes);
    return new TensorOutOfMemory("no memory for a tensor" + request, bytes, failure);
  }

  /** What to throw for a failure: lack of memory where it is that, else the failure itself. */
  static RuntimeException or(RuntimeException failure) {
    TensorOutOfMemory lack = recognise(failure);
    return lack == null ? failure : lack;
  }

  private static long requested(String text) {
    Matcher matcher = REQUEST.matcher(text);
    if (!matcher.find()) {
      return -1;
    }
    double unit =
        switch (String.valueOf(matcher.group(2))) {
          case "kib" -> 0x1p10;
          case "mib" -> 0x1p20;
          case "gib" -> 0x1p30;
          default -> 1;
        };
    return (long) (Double.parseDouble(String.valueOf(matcher.group(1))) * unit);
  }
}
