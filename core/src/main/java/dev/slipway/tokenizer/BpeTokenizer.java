package dev.slipway.tokenizer;

import dev.slipway.base.Json;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Byte-level BPE as GPT-2 has it. Ids equal those of Hugging Face's {@code tokenizers} on the same
 * {@code tokenizer.json}. Every text has ids, and decoding them gives the same text; only a
 * surrogate without its partner, which is no text, is taken for U+FFFD.
 */
public final class BpeTokenizer implements Tokenizer {
  private static final int PARALLEL_CHARACTERS = 1 << 16;

  private final BpeModel model;
  private final BpeMerger merger;
  private final AddedTokens addedTokens;
  private final AddedTokens ordinaryTokens; // added, but not special
  private final Map<String, Integer> ids = new HashMap<>();
  private final byte[][] tokenBytes;
  private final boolean[] isSpecial;
  private final List<Integer> specialIds;
  private final int[] before;
  private final int[] after;
  private final BlockingQueue<WordCache> idleCaches =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
  private volatile @Nullable String fingerprint;

  BpeTokenizer(BpeModel model) {
    this.model = model;
    merger = new BpeMerger(model);
    addedTokens = new AddedTokens(model.added());
    ordinaryTokens =
        new AddedTokens(model.added().stream().filter(token -> !token.special()).toList());
    tokenBytes = new byte[model.tokens().size()][];
    for (int id = 0; id < tokenBytes.length; id++) {
      String token = model.tokens().get(id);
      ids.putIfAbsent(token, id);
      tokenBytes[id] = ByteAlphabet.bytes(token);
    }
    isSpecial = new boolean[tokenBytes.length];
    for (BpeModel.AddedToken token : model.added()) {
      isSpecial[token.id()] |= token.special();
    }
    specialIds = IntStream.range(0, isSpecial.length).filter(id -> isSpecial[id]).boxed().toList();
    before = model.before().stream().mapToInt(Integer::intValue).toArray();
    after = model.after().stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public int[] encode(String text) {
    return encode(text, addedTokens, false);
  }

  @Override
  public TokenSpans encodeWithSpans(String text) {
    int[] encoded = encode(text);
    int[] lengths = Arrays.stream(encoded).map(id -> tokenBytes[id].length).toArray();
    return TokenSpans.ofBytes(text, encoded, lengths);
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return encode(text, ordinaryTokens, false);
  }

  @Override
  public int[] encodeWithSpecialTokens(String text) {
    return encode(text, addedTokens, true);
  }

  /** Ids of each text, worked out on every processor. */
  @Override
  public List<int[]> encodeBatch(List<String> texts, boolean withSpecialTokens) {
    return encodeBatch(texts, addedTokens, withSpecialTokens);
  }

  @Override
  public List<int[]> encodeOrdinaryBatch(List<String> texts) {
    return encodeBatch(texts, ordinaryTokens, false);
  }

  private List<int[]> encodeBatch(
      List<String> texts, AddedTokens recognised, boolean withSpecialTokens) {
    long characters = 0;
    for (String text : texts) {
      characters += text.length();
    }
    IntStream indices = IntStream.range(0, texts.size());
    if (characters > PARALLEL_CHARACTERS) {
      indices = indices.parallel();
    }
    return indices.mapToObj(i -> encode(texts.get(i), recognised, withSpecialTokens)).toList();
  }

  private int[] encode(String text, AddedTokens recognised, boolean withSpecialTokens) {
    byte[] bytes = Utf8.encode(text);
    IntArray output = new IntArray(bytes.length / 3 + 16);
    WordCache cache = idleCaches.poll();
    if (cache == null) {
      cache = new WordCache(merger);
    }
    if (withSpecialTokens) {
      output.addAll(before, 0, before.length);
    }
    for (int from = 0; from < bytes.length; ) {
      AddedTokens.Match match = recognised.next(bytes, from);
      while (from < match.from()) {
        int to = Gpt2PreTokenizer.end(bytes, from, match.from());
        cache.encode(bytes, from, to, output);
        from = to;
      }
      if (match.id() >= 0) {
        output.add(match.id());
      }
      from = match.to();
    }
    if (withSpecialTokens) {
      output.addAll(after, 0, after.length);
    }
    idleCaches.offer(cache);
    return output.toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    int size = 0;
    for (int id : ids) {
      size = Math.addExact(size, whole(id).length);
    }
    byte[] bytes = new byte[size];
    int at = 0;
    for (int id : ids) {
      if (!(skipSpecialTokens && isSpecial[id])) {
        byte[] token = tokenBytes[id];
        System.arraycopy(token, 0, bytes, at, token.length);
        at += token.length;
      }
    }
    return Utf8.decode(bytes, 0, at);
  }

  @Override
  public String token(int id) {
    return model.tokens().get(checked(id));
  }

  @Override
  public byte @Nullable [] bytes(int id) {
    return isSpecial[id] ? null : tokenBytes[id].clone();
  }

  @Override
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  @Override
  public int vocabularySize() {
    return tokenBytes.length;
  }

  @Override
  public List<Integer> specialIds() {
    return specialIds;
  }

  @Override
  public StreamingDecoder streamingDecoder() {
    return new Decoder();
  }

  @Override
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      known = Json.fingerprint(document());
      fingerprint = known;
    }
    return known;
  }

  @Override
  public String json() {
    return TokenizerJson.write(model);
  }

  @Override
  public ObjectNode document() {
    return TokenizerJson.document(model);
  }

  private byte[] whole(int id) {
    return tokenBytes[checked(id)];
  }

  private int checked(int id) {
    if (id < 0 || id >= tokenBytes.length) {
      throw ForeignTokenizer.unknown(id, tokenBytes.length);
    }
    return id;
  }

  private final class Decoder implements StreamingDecoder {
    private byte[] unfinished = {}; // a character's first bytes, three at the most

    @Override
    public String next(int id) {
      byte[] token = whole(id);
      if (isSpecial[id]) {
        return "";
      }
      byte[] bytes = token;
      if (unfinished.length > 0) {
        bytes = Arrays.copyOf(unfinished, unfinished.length + token.length);
        System.arraycopy(token, 0, bytes, unfinished.length, token.length);
      }
      StringBuilder text = new StringBuilder(bytes.length);
      int done = Utf8.decode(bytes, 0, bytes.length, text);
      unfinished = Arrays.copyOfRange(bytes, done, bytes.length);
      return text.toString();
    }

    @Override
    public String finish() {
      String rest = Utf8.decode(unfinished, 0, unfinished.length);
      unfinished = new byte[0];
      return rest;
    }
  }
}
