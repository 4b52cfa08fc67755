package dev.slipway.hub;

import dev.slipway.base.SlipwayException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sentences in which a download's problems are told, which know what the file is for. */
public interface DownloadProblems {
  /**
   * @param attempts what each address said
   * @param folder where the file would lie
   */
  SlipwayException unavailable(
      String file, List<String> attempts, @Nullable Path folder, @Nullable Throwable cause);

  SlipwayException wrongSum(String file, String found, Checksum expected);

  /** Another process downloads the same file. */
  SlipwayException busy(Path file);

  SlipwayException interrupted(Throwable cause);
}
