package dev.slipway.data.feature;

import dev.slipway.base.Json;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import dev.slipway.tokenizer.SequenceTokenizer;
import dev.slipway.tokenizer.TokenSequence;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A text, a pair of texts or a list of words as a pretrained model's own tokenizer reads them, or
 * what goes with that.
 *
 * @param fields one, or the two of a pair
 * @param tokenizer the text of its {@code tokenizer.json}; in a model folder the name of the file
 *     that holds it
 * @param size how many ids there are
 * @param padId what short rows of a batch are filled up with
 * @param length most tokens that are read, special ones included
 * @param keep which part of a longer text is read; of pairs and words the beginning is
 * @param words whether the field holds words, each of which is cut into tokens by itself
 * @param stride tokens that windows over a pair's second text have in common; -1 for none, where it
 *     is cut
 * @param part what of it this is
 */
public record TokensFeature(
    String name,
    List<String> fields,
    String tokenizer,
    int size,
    int padId,
    int length,
    Keep keep,
    boolean words,
    int stride,
    Part part)
    implements TokenizerFeature {
  /** Parts of what a tokenizer gives, each an input of its own. */
  public enum Part {
    /** Ids of the tokens. */
    IDS,
    /** For each token the text of a pair that it is of. */
    TYPES,
    /** Place of each word's first token. */
    WORD_STARTS
  }

  /** Texts that are made into ids at a time. */
  private static final int AT_ONCE = 4096;

  /** Of the stream from which an example's window is drawn. */
  private static final int WINDOW = 0x57;

  public TokensFeature {
    fields = List.copyOf(fields);
  }

  static List<Feature> fit(FeatureConfig.Tokens config, ExampleSet examples) {
    String first = config.fieldOf(examples);
    List<String> fields = new ArrayList<>(List.of(first));
    fields.addAll(config.pair().stream().toList());
    for (String field : fields) {
      if (config.words()) {
        Fields.named(examples, field, Field.Kind.TEXT, Field.Kind.LABELS);
      } else {
        Fields.named(examples, field, Field.Kind.TEXT);
      }
    }
    Path folder = Path.of(config.tokenizer());
    Tokenizer tokenizer = Tokenizers.open(folder);
    int pad = pad(folder, tokenizer);
    List<Feature> features = new ArrayList<>();
    // What batches are sorted by comes last.
    if (config.words()) {
      features.add(of(config, "word_starts", fields, tokenizer, pad, Part.WORD_STARTS));
    }
    if (config.pair().isPresent()) {
      features.add(of(config, "token_type_ids", fields, tokenizer, pad, Part.TYPES));
    }
    features.add(of(config, config.name(), fields, tokenizer, pad, Part.IDS));
    return features;
  }

  /**
   * What a published model reads, by the tokenizer in its folder.
   *
   * @param fields one, or the two of a pair
   */
  public static List<Feature> of(
      Path folder, List<String> fields, boolean words, int length, int stride) {
    Tokenizer tokenizer = Tokenizers.open(folder);
    TokensFeature ids =
        new TokensFeature(
            "input_ids",
            fields,
            tokenizer.json(),
            tokenizer.vocabularySize(),
            pad(folder, tokenizer),
            length,
            Keep.BEGINNING,
            words,
            stride,
            Part.IDS);
    List<Feature> features = new ArrayList<>();
    if (words) {
      features.add(ids.as("word_starts", Part.WORD_STARTS));
    }
    if (fields.size() > 1) {
      features.add(ids.as("token_type_ids", Part.TYPES));
    }
    features.add(ids);
    return features;
  }

  private TokensFeature as(String other, Part otherPart) {
    return new TokensFeature(
        other, fields, tokenizer, size, padId, length, keep, words, stride, otherPart);
  }

  private static TokensFeature of(
      FeatureConfig.Tokens config,
      String name,
      List<String> fields,
      Tokenizer tokenizer,
      int pad,
      Part part) {
    return new TokensFeature(
        name,
        fields,
        tokenizer.json(),
        tokenizer.vocabularySize(),
        pad,
        config.length(),
        config.keep(),
        config.words(),
        config.stride().orElse(-1),
        part);
  }

  /** The padding token's id, as the folder names it. */
  private static int pad(Path folder, Tokenizer tokenizer) {
    Path file = folder.resolve("tokenizer_config.json");
    if (Files.isRegularFile(file)) {
      JsonNode token = Json.read(file).path("pad_token");
      int id =
          tokenizer.id(token.isObject() ? token.path("content").asString("") : token.asString(""));
      if (id >= 0) {
        return id;
      }
    }
    return Math.max(0, Math.max(tokenizer.id("[PAD]"), tokenizer.id("<pad>")));
  }

  @Override
  public TokensFeature withTokenizer(String text) {
    return new TokensFeature(name, fields, text, size, padId, length, keep, words, stride, part);
  }

  @Override
  public List<Field> requested() {
    return fields.stream()
        .map(field -> new Field(field, words ? Field.Kind.LABELS : Field.Kind.TEXT))
        .toList();
  }

  @Override
  public InputShape shape() {
    int cardinality =
        switch (part) {
          case IDS -> size;
          case TYPES -> 2;
          case WORD_STARTS -> length;
        };
    return InputShape.ids(name, cardinality, InputShape.VARIABLE);
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof TextStep && fields.size() == 1 && !words;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return fields.stream()
        .filter(field -> isMissing(examples.value(example, field)))
        .findFirst()
        .map(field -> new Dropped(DropReason.VALUE_MISSING, field));
  }

  private boolean isMissing(Value value) {
    return words ? words(value).isEmpty() : !(value instanceof Value.Text);
  }

  /** The words of a value: what blanks part in a text, or labels. None where it is missing. */
  public static List<String> words(Value value) {
    return switch (value) {
      case Value.Labels(List<String> labels) -> labels;
      case Value.Text(String text) ->
          text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
      case Value.Missing _, Value.Number _, Value.Content _, Value.Pixels _ -> List.of();
    };
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    return encoder().encode(examples, augmented);
  }

  @Override
  public Encoder encoder() {
    if (fields.size() == 1 && !words) {
      Tokenizer opened = Tokenizers.of(tokenizer, source());
      int[] around = around(opened);
      return (examples, augmented) ->
          AugmentedTexts.of(
              texts(all(examples), opened, around),
              fields.getFirst(),
              examples,
              some -> texts(some, opened, around),
              augmented);
    }
    SequenceTokenizer opened = open();
    return (examples, _) -> new Windows(shape(), parts(windows(examples, opened)), fill());
  }

  private int fill() {
    return part == Part.IDS ? padId : 0;
  }

  private String source() {
    return "the tokenizer of the input " + name;
  }

  /** The tokenizer itself, for pairs and words. */
  public SequenceTokenizer open() {
    return SequenceTokenizer.of(
        tokenizer,
        source(),
        length,
        stride < 0 ? SequenceTokenizer.Truncation.LONGEST : SequenceTokenizer.Truncation.SECOND,
        Math.max(0, stride));
  }

  /** What is read of each example: windows of a pair's second text, or one row. */
  public List<List<TokenSequence>> windows(ExampleSet examples, SequenceTokenizer opened) {
    int[] all = IntStream.range(0, examples.size()).toArray();
    if (words) {
      return opened
          .words(
              Arrays.stream(all)
                  .mapToObj(i -> words(examples.value(i, fields.getFirst())))
                  .toList())
          .stream()
          .map(List::of)
          .toList();
    }
    List<String> first = Arrays.stream(all).mapToObj(i -> text(examples, i, 0)).toList();
    List<String> second = Arrays.stream(all).mapToObj(i -> text(examples, i, 1)).toList();
    return stride < 0
        ? opened.pairs(first, second).stream().map(List::of).toList()
        : opened.windows(first, second);
  }

  private String text(ExampleSet examples, int example, int field) {
    return examples.value(example, fields.get(field)) instanceof Value.Text(String text)
        ? text
        : "";
  }

  /** Special tokens before and after a text. */
  private static int[] around(Tokenizer opened) {
    int[] whole = opened.encodeWithSpecialTokens("a");
    int[] bare = opened.encode("a");
    int before = 0;
    while (before + bare.length <= whole.length
        && !Arrays.equals(whole, before, before + bare.length, bare, 0, bare.length)) {
      before++;
    }
    int after = whole.length - bare.length - before;
    return after < 0 ? new int[] {0, 0} : new int[] {before, after};
  }

  private List<String> all(ExampleSet examples) {
    Fields.named(examples, fields.getFirst(), Field.Kind.TEXT);
    return IntStream.range(0, examples.size()).mapToObj(i -> text(examples, i, 0)).toList();
  }

  /** Part by part, so that few whole texts are there as ids. */
  private Encoded texts(List<String> texts, Tokenizer opened, int[] around) {
    int[][][] rows = new int[texts.size()][][];
    for (int from = 0; from < rows.length; from += AT_ONCE) {
      int row = from;
      List<String> some = texts.subList(from, Math.min(rows.length, from + AT_ONCE));
      for (int[] ids : opened.encodeBatch(some, true)) {
        rows[row++] = new int[][] {cut(ids, around)};
      }
    }
    return new Windows(shape(), rows, padId);
  }

  private int[] cut(int[] ids, int[] around) {
    if (ids.length <= length) {
      return ids;
    }
    int[] body = Arrays.copyOfRange(ids, around[0], ids.length - around[1]);
    int[] kept = keep.of(body, Math.max(0, length - around[0] - around[1]));
    int[] cut = Arrays.copyOf(ids, around[0] + kept.length + around[1]);
    System.arraycopy(kept, 0, cut, around[0], kept.length);
    System.arraycopy(ids, ids.length - around[1], cut, around[0] + kept.length, around[1]);
    return cut;
  }

  private int[][][] parts(List<List<TokenSequence>> windows) {
    return windows.stream()
        .map(one -> one.stream().map(this::values).toArray(int[][]::new))
        .toArray(int[][][]::new);
  }

  /** This part of what was read. */
  public int[] values(TokenSequence sequence) {
    return switch (part) {
      case IDS -> sequence.ids();
      case TYPES -> sequence.types();
      case WORD_STARTS -> starts(sequence);
    };
  }

  private static int[] starts(TokenSequence sequence) {
    int[] tokens = sequence.words();
    return IntStream.range(0, tokens.length)
        .filter(i -> tokens[i] >= 0 && (i == 0 || tokens[i] != tokens[i - 1]))
        .toArray();
  }

  /**
   * Which of so many windows an example shows: another one each epoch while it is learnt; the first
   * one where nothing is drawn.
   */
  public static int window(@Nullable Draw draw, int count) {
    return draw == null || count == 1 ? 0 : draw.random(WINDOW).nextInt(count);
  }
}
