package dev.slipway.cli.input;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Units;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text files that a user names, taken byte for byte: no trimming, line ends stay. */
public final class TextFiles {
  private static final long LIMIT = 1L << 30;

  private TextFiles() {}

  /** As many tokens as a text can come to, also where a tokenizer first takes characters apart. */
  public static long mostTokens(String text) {
    return 1024 + 4L * text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** The text of a file, or of standard input for {@code -}. */
  public static String read(String name) {
    try {
      byte[] bytes;
      if (name.equals("-")) {
        bytes = System.in.readAllBytes();
      } else {
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
          throw new SlipwayException(
              Exit.INPUT,
              "file.is-folder",
              name + " is a folder, expected a text file",
              "name a file in it");
        }
        if (Files.size(path) > LIMIT) {
          throw new SlipwayException(
              Exit.INPUT,
              "file.too-large",
              name + " has " + Units.bytes(Files.size(path)) + ", expected at most 1 GB of text",
              "split it");
        }
        bytes = Files.readAllBytes(path);
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.missing",
          name + " is not there, expected a text file",
          "check the path",
          e);
    } catch (AccessDeniedException e) {
      throw new SlipwayException(
          Exit.INPUT, "file.no-permission", name + " may not be read", "change its permissions", e);
    } catch (CharacterCodingException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.not-utf8",
          name + " is not UTF-8 text",
          "convert it, for example with iconv -t UTF-8",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.unreadable",
          name + " could not be read (" + e.getMessage() + ")",
          "check the disk",
          e);
    }
  }
}
