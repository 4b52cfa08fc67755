package dev.slipway.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Any {@code tokenizer.json}, applied by Hugging Face's own library through DJL's binding. Unpacks
 * the library on first use and asks nothing of the network. Truncation and padding that the file
 * asks for are left to callers.
 *
 * <p>An added token that the normalizer changes decodes to itself, as in tokenizers 0.21, which DJL
 * binds; 0.23 decodes to the changed text.
 */
final class ForeignTokenizer implements Tokenizer {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Texts at a time, whose tokens and offsets the binding makes too. */
  private static final int BATCH = 256;

  /** Held on to, so that what is set here stays. */
  private static final Logger LIBRARY = Logger.getLogger("ai.djl");

  static {
    LIBRARY.setLevel(Level.OFF); // else it tells on stderr which of its files it took, and traces
    // Else the binding looks for a GPU's library to download, and reports its use.
    if (System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
  }

  private final HuggingFaceTokenizer library;
  private final String json;
  private final String fingerprint;
  private final Map<Integer, String> tokens = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final TreeSet<Integer> specialIds = new TreeSet<>();
  private final Set<Integer> addedIds = new HashSet<>();
  private final ForeignTokenBytes spelling;
  private int size;
  private @Nullable HuggingFaceTokenizer ordinary; // made when first asked for

  private ForeignTokenizer(HuggingFaceTokenizer library, String json, JsonNode root) {
    this.library = library;
    this.json = json;
    fingerprint = Json.fingerprint(root);
    spelling = ForeignTokenBytes.of(root);
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isArray()) { // Unigram: [token, score] in the order of ids
      int id = 0;
      for (JsonNode entry : vocabulary) {
        put(id++, entry.path(0).asString(""));
      }
    } else {
      vocabulary.properties().forEach(entry -> put(entry.getValue().asInt(), entry.getKey()));
    }
    for (JsonNode added : root.path("added_tokens")) {
      put(added.path("id").asInt(), added.path("content").asString(""));
      addedIds.add(added.path("id").asInt());
      if (added.path("special").asBoolean(false)) {
        specialIds.add(added.path("id").asInt());
      }
    }
  }

  private void put(int id, String token) {
    tokens.put(id, token);
    ids.put(token, id);
    size = Math.max(size, id + 1);
  }

  static ForeignTokenizer of(String json, JsonNode root, String source) {
    TokenizerJsonCheck.check(root, source);
    HuggingFaceTokenizer library = load(json, source);
    ForeignTokenizer tokenizer = new ForeignTokenizer(library, json, root);
    CLEANER.register(tokenizer, library::close);
    return tokenizer;
  }

  private static HuggingFaceTokenizer load(String json, String source) {
    return load(json, source, Map.of("truncation", "false", "padding", "false"));
  }

  /**
   * The library with options of its own.
   *
   * @throws SlipwayException where it refuses the file, or does not load
   */
  static HuggingFaceTokenizer load(String json, String source, Map<String, String> options) {
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options);
    } catch (EngineException e) {
      throw unavailable(source, e); // its own library; what it says of files is a RuntimeException
    } catch (IOException | RuntimeException e) {
      throw Tokenizers.malformed(source, firstLine(e), e);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
      throw unavailable(source, e);
    }
  }

  private static SlipwayException unavailable(String source, Throwable e) {
    return new SlipwayException(
        Exit.RESOURCE,
        "tokenizer.library",
        "Hugging Face's tokenizers library, which " + source + " needs, does not load",
        "check that this system is supported, and that .djl.ai in your home folder can be written, or set DJL_CACHE_DIR to a folder which can",
        e);
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public int[] encode(String text) {
    return encode(library, text, false);
  }

  @Override
  public TokenSpans encodeWithSpans(String text) {
    Encoding encoding = library.encode(Utf8.wellFormed(text), false, false);
    int[] encoded = Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] starts = new int[encoded.length];
    int[] ends = new int[encoded.length];
    for (int i = 0; i < encoded.length; i++) {
      CharSpan span = spans[i];
      int before = i == 0 ? 0 : ends[i - 1];
      starts[i] = span == null ? before : span.getStart();
      ends[i] = span == null ? before : span.getEnd();
    }
    return TokenSpans.ofCodePoints(text, encoded, starts, ends);
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return encode(ordinary(), text, false);
  }

  /** The library under the same ids, knowing special tokens by names that no text spells. */
  private synchronized HuggingFaceTokenizer ordinary() {
    HuggingFaceTokenizer made = ordinary;
    if (made == null) {
      String mark = "\uFDD0" + fingerprint; // a character that Unicode keeps out of texts
      made = load(TokenizerJson.withSpecialTokensRenamed(json, mark), "the tokenizer, marked anew");
      CLEANER.register(this, made::close);
      ordinary = made;
    }
    return made;
  }

  @Override
  public int[] encodeWithSpecialTokens(String text) {
    return encode(library, text, true);
  }

  private static int[] encode(
      HuggingFaceTokenizer library, String text, boolean withSpecialTokens) {
    try {
      return taken(
          TokenizersLibrary.LIB.encode(
              library.getHandle(), Utf8.wellFormed(text), withSpecialTokens));
    } catch (RuntimeException e) {
      throw cannot("encode a text", e);
    }
  }

  /** The ids alone: an {@link Encoding} asks for words, spans and masks, too, at several times. */
  private static int[] taken(long encoding) {
    try {
      return ints(TokenizersLibrary.LIB.getTokenIds(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  /** What the library's own words say, such as that a model without an unknown token met one. */
  static SlipwayException cannot(String what, RuntimeException e) {
    return new SlipwayException(
        Exit.INPUT,
        "tokenizer.failed",
        "the tokenizer can't " + what + " (" + firstLine(e) + ")",
        "take the tokenizer.json that the model came with",
        e);
  }

  /** In parts on all cores: the library hands over its results one by one, on the caller's own. */
  @Override
  public List<int[]> encodeBatch(List<String> texts, boolean withSpecialTokens) {
    int parts = (texts.size() + BATCH - 1) / BATCH;
    try {
      return IntStream.range(0, parts)
          .parallel()
          .mapToObj(
              part -> {
                int from = part * BATCH;
                return texts.subList(from, Math.min(texts.size(), from + BATCH));
              })
          .flatMap(some -> ids(some, withSpecialTokens).stream())
          .toList();
    } catch (RuntimeException e) {
      throw cannot("encode a text", e);
    }
  }

  private List<int[]> ids(List<String> texts, boolean withSpecialTokens) {
    String[] wellFormed = texts.stream().map(Utf8::wellFormed).toArray(String[]::new);
    List<int[]> ids = new ArrayList<>(texts.size());
    for (long encoding :
        TokenizersLibrary.LIB.batchEncode(library.getHandle(), wellFormed, withSpecialTokens)) {
      ids.add(taken(encoding));
    }
    return ids;
  }

  @Override
  public EncodedPair encodePair(String first, String second) {
    try {
      Encoding encoding =
          library.encode(Utf8.wellFormed(first), Utf8.wellFormed(second), true, false);
      return new EncodedPair(ints(encoding.getIds()), ints(encoding.getTypeIds()));
    } catch (RuntimeException e) {
      throw cannot("encode a pair", e);
    }
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    for (int id : ids) {
      checked(id);
    }
    try {
      return library.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
    } catch (RuntimeException e) {
      throw cannot("decode ids", e);
    }
  }

  @Override
  public String token(int id) {
    return checked(id);
  }

  private String checked(int id) {
    String token = tokens.get(id);
    if (token == null) {
      throw unknown(id, size);
    }
    return token;
  }

  static SlipwayException unknown(int id, int size) {
    return new SlipwayException(
        Exit.INPUT,
        "tokenizer.unknown-id",
        "the id " + id + " is none of the tokenizer's " + size + " tokens",
        "use ids that this tokenizer made");
  }

  @Override
  public byte @Nullable [] bytes(int id) {
    String token = tokens.get(id);
    if (token == null || specialIds.contains(id)) {
      return null;
    }
    return addedIds.contains(id) ? token.getBytes(StandardCharsets.UTF_8) : spelling.of(token);
  }

  @Override
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public List<Integer> specialIds() {
    return List.copyOf(specialIds);
  }

  @Override
  public StreamingDecoder streamingDecoder() {
    return new Decoder();
  }

  @Override
  public String json() {
    return json;
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * A decoder may look at a token's neighbours (a space before a word, a byte of a character), so
   * the new text is the difference that an id makes to the text of the ids since the last certain
   * place.
   */
  private final class Decoder implements StreamingDecoder {
    /** Ids that make no certain text, of which the first ones are given as they are. */
    private static final int LONGEST_WAIT = 64;

    /** A code point has four bytes: what comes before so many ids is no part of it. */
    private static final int POINT = 4;

    private final IntArray all = new IntArray(64);
    private int context; // from here on ids are decoded
    private int certain; // up to here their text has been given

    @Override
    public String next(int id) {
      checked(id);
      all.add(id);
      String text = since(all.size());
      if (!text.isEmpty() && !text.endsWith("\uFFFD")) {
        return give(text, all.size());
      }
      return all.size() - certain < LONGEST_WAIT ? "" : giveWhatNoIdCompletes();
    }

    /** The text that the ids up to {@code to} add to what was given. */
    private String since(int to) {
      String before = text(context, certain);
      String after = text(context, to);
      // A byte too many makes rubbish of whole characters before it, which have been given.
      return after.startsWith(before) ? after.substring(before.length()) : text(certain, to);
    }

    private String giveWhatNoIdCompletes() {
      int to = all.size() - POINT;
      for (int i = to; i > certain; i--) {
        String text = since(i);
        if (!text.isEmpty() && !text.endsWith("\uFFFD")) {
          return give(text, i);
        }
      }
      return give(since(to), to);
    }

    private String give(String text, int to) {
      context = certain;
      certain = to;
      return text;
    }

    @Override
    public String finish() {
      return give(since(all.size()), all.size());
    }

    private String text(int from, int to) {
      return from == to ? "" : decode(Arrays.copyOfRange(all.array(), from, to), true);
    }
  }
}
