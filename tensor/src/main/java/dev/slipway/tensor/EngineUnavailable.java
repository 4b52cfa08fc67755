package dev.slipway.tensor;

import org.bytedeco.javacpp.Loader;

/** The native libraries of libtorch are missing on this machine, or it does not load them. */
public final class EngineUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** What stands in the way, as far as JavaCPP's texts tell. */
  public enum Reason {
    /** A library, or the classes that call it, is in no jar of the class path. */
    MISSING,
    /** There is no folder into which the libraries could be unpacked. */
    NO_FOLDER,
    /** A library is there, and the system does not load it: a permission, or a damaged file. */
    REFUSED
  }

  private EngineUnavailable(String message, Reason reason, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  static EngineUnavailable of(LinkageError failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String text = String.valueOf(first.getMessage()).lines().findFirst().orElse("").strip();
    return new EngineUnavailable(text.replaceAll("[.]$", ""), reason(first, text), failure);
  }

  private static Reason reason(Throwable first, String text) {
    if (text.startsWith("Could not create the cache")) {
      return Reason.NO_FOLDER;
    }
    boolean absent =
        text.startsWith("Could not find ")
            || first instanceof NoClassDefFoundError
            || first instanceof ClassNotFoundException;
    return absent ? Reason.MISSING : Reason.REFUSED;
  }

  public Reason reason() {
    return reason;
  }

  /** What JavaCPP calls this system, such as {@code linux-x86_64}. */
  public static String platform() {
    return Loader.getPlatform();
  }
}
