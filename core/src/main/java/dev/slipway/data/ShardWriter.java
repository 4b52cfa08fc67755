package dev.slipway.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the three files of a split; see {@link TokenShards}. */
final class ShardWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final int tokenBytes;
  private final OutputStream tokens;
  private final OutputStream index;
  private final OutputStream ids;
  private int documents;
  private long tokenCount;
  private long textBytes;
  private long idBytes;

  ShardWriter(Path folder, String name, int tokenBytes) throws IOException {
    this.tokenBytes = tokenBytes;
    this.tokens = create(folder.resolve(name + ".tokens"));
    this.index = create(folder.resolve(name + ".index"));
    this.ids = create(folder.resolve(name + ".ids"));
  }

  private static OutputStream create(Path file) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }

  void add(Tokenised document) {
    try {
      writeIndex();
      ByteBuffer buffer =
          ByteBuffer.allocate(document.tokens().length * tokenBytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int token : document.tokens()) {
        if (tokenBytes == Short.BYTES) {
          buffer.putShort((short) token);
        } else {
          buffer.putInt(token);
        }
      }
      tokens.write(buffer.array());
      byte[] id = document.id().getBytes(StandardCharsets.UTF_8);
      ids.write(id);
      documents++;
      tokenCount += document.tokens().length;
      textBytes += document.textBytes();
      idBytes += id.length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TokenShards.Counts finish() throws IOException {
    writeIndex();
    return new TokenShards.Counts(documents, tokenCount, textBytes);
  }

  private void writeIndex() throws IOException {
    index.write(
        ByteBuffer.allocate(TokenShard.ENTRY)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(tokenCount)
            .putLong(textBytes)
            .putLong(idBytes)
            .array());
  }

  @Override
  public void close() throws IOException {
    try (tokens;
        index;
        ids) {
      tokens.flush();
    }
  }
}
