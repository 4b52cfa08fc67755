package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Network;
import dev.slipway.model.encoder.EncoderConfig;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoderConfig;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.SentenceFolder;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.task.Contrastive;
import dev.slipway.task.EncoderTasks;
import dev.slipway.task.SequenceTagging;
import dev.slipway.task.SpanAnswering;
import dev.slipway.task.Task;
import dev.slipway.task.TaskData;
import dev.slipway.tune.TunedEncoder;
import dev.slipway.tune.TuningMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A published encoder with the task's head.
 *
 * @param folder of the whole model; its encoder may lie in a folder of it
 * @param texts the inputs that hold tokens
 * @param longest most tokens of an example
 */
record EncoderBlueprint(
    Path folder,
    SentenceModules modules,
    TextEncoderConfig config,
    TuningMethod method,
    Task task,
    List<String> texts,
    int longest)
    implements Blueprint {
  /** What transformers needs beside {@code tokenizer.json} to open a tokenizer. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt");

  /**
   * Checks that the model and what it is given fit together.
   *
   * @throws SlipwayException {@code model.encoder-inputs}, {@code model.tokenizer-mismatch}, {@code
   *     model.too-long}, {@code task.no-encoder}; {@code model.unknown-architecture} for a model
   *     that is no encoder
   */
  static EncoderBlueprint of(Path folder, TuningMethod method, TaskData data) {
    Task task = data.task().task();
    SentenceModules modules = SentenceModules.of(folder);
    Head head = EncoderTasks.head(task);
    TextEncoderConfig config = EncoderFolder.config(modules.encoder(), head);
    int longest = 0;
    List<String> texts = new ArrayList<>();
    for (Feature feature : data.features()) {
      if (!(feature instanceof TokensFeature tokens)) {
        throw new SlipwayException(
            Exit.USAGE,
            "model.encoder-inputs",
            "the input " + feature.name() + " is not what a pretrained encoder reads",
            "leave data.inputs out, or write tokens: { field: "
                + feature.fields().getFirst()
                + " }");
      }
      check(tokens, config, folder);
      if (tokens.part() == TokensFeature.Part.IDS) {
        texts.add(tokens.name());
      }
      longest = Math.max(longest, tokens.length());
    }
    if (task instanceof Contrastive && !modules.steps().stream().allMatch(EncoderBlueprint::kept)) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.unsupported-module",
          folder + " has dense layers behind its pooling, which are not tuned",
          "choose a model without them");
    }
    if (task instanceof Contrastive && !TunedEncoder.becomesWhole(method)) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.encoder-method",
          "tune puts small networks behind projections, expected a way of tuning that is merged: other tools read the folder of a contrastive task",
          "tune it by full, lora, ia3 or bitfit");
    }
    TunedEncoder.own(method, config); // refuses names that are nobody's before anything is read
    return new EncoderBlueprint(folder, modules, config, method, task, texts, longest);
  }

  private static boolean kept(SentenceModules.Step step) {
    return step instanceof SentenceModules.Step.Normalize;
  }

  private static void check(TokensFeature tokens, TextEncoderConfig config, Path folder) {
    EncoderConfig sizes = config.encoder();
    ModelFolder.requireFitting(folder, tokens.size(), sizes.vocabularySize());
    int most =
        sizes.positions() - (config.family().positionsAfterPadding() ? sizes.padId() + 1 : 0);
    if (tokens.length() > most) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.too-long",
          "the input "
              + tokens.name()
              + " has up to "
              + tokens.length()
              + " tokens, the model reads at most "
              + most,
          "write length: " + most + ", or less");
    }
  }

  @Override
  public Network create(long seed) {
    return EncoderTasks.network(
        TunedEncoder.open(modules.encoder(), config.head(), method, seed), task, modules.pooling());
  }

  @Override
  public long learning() {
    long sum = 0;
    for (ParameterSpec spec : TunedEncoder.own(method, config)) {
      sum += spec.numel();
    }
    for (ParameterSpec spec : TunedEncoder.added(method, config)) {
      sum += spec.numel();
    }
    return sum;
  }

  @Override
  public LayerTable table(Map<String, Integer> lengths) {
    long places = 0;
    long pairs = 0;
    for (String text : texts) {
      long length = lengths.getOrDefault(text, longest);
      places += length;
      pairs += length * length;
    }
    EncoderConfig sizes = config.encoder();
    long width = sizes.hiddenSize();
    SequencedMap<String, List<ParameterSpec>> parts = new LinkedHashMap<>();
    for (ParameterSpec spec : config.parameters()) {
      parts.computeIfAbsent(part(spec), _ -> new ArrayList<>()).add(spec);
    }
    // Of a block autograd keeps values of each token and of each pair of tokens of a head.
    long kept = (12 * width + 3L * sizes.intermediateSize()) * places + 3L * sizes.heads() * pairs;
    String tokens = "(B, T, " + width + ")";
    List<ParameterSpec> added = TunedEncoder.added(method, config);
    List<ParameterSpec> own = TunedEncoder.own(method, config);
    Set<String> learning = new HashSet<>();
    own.forEach(spec -> learning.add(part(spec)));
    added.forEach(spec -> learning.add(part(spec)));
    boolean learns = false; // what comes before all that learns has no backward pass
    List<LayerTable.Row> rows = new ArrayList<>();
    for (Map.Entry<String, List<ParameterSpec>> part : parts.entrySet()) {
      String name = part.getKey();
      learns |= learning.contains(name);
      List<ParameterSpec> specs = part.getValue();
      double size = specs.stream().mapToLong(ParameterSpec::numel).sum();
      if (name.equals("embeddings")) {
        rows.add(
            LayerTable.row(name, "embedding", tokens, specs, learns ? 3 * places * width : 0, 0));
      } else if (name.startsWith("encoder.layer.")) {
        double products = 2.0 * matrices(specs, name) * places;
        double attention = 4.0 * pairs * width;
        double gradients = 2.0 * matrices(own, name) * places; // of the weights that learn alone
        rows.add(
            LayerTable.row(
                    name, "encoder-block", tokens, specs, learns ? kept : 0, products + attention)
                .backward(learns ? products + gradients + 2 * attention : 0));
      } else {
        rows.add(head(name, specs, size, places));
      }
    }
    if (!added.isEmpty()) {
      rows.add(LayerTable.row("adapters", "within the blocks", "", added, 0, 0));
    }
    return new LayerTable(rows);
  }

  /** Values in the matrices of a part. */
  private long matrices(List<ParameterSpec> specs, String part) {
    return specs.stream()
        .filter(spec -> spec.shape().size() == 2 && part(spec).equals(part))
        .mapToLong(ParameterSpec::numel)
        .sum();
  }

  /** The part of the network that a parameter is of: the embeddings, a block, a layer of a head. */
  private String part(ParameterSpec spec) {
    String[] names = spec.name().replaceFirst("^" + config.family().prefix(), "").split("\\.");
    return names[0].equals("encoder") ? String.join(".", names[0], names[1], names[2]) : names[0];
  }

  /** A layer behind the blocks: on each token, or on what a text's tokens are pooled to. */
  private LayerTable.Row head(String name, List<ParameterSpec> specs, double size, long places) {
    boolean eachToken = task instanceof SequenceTagging || task instanceof SpanAnswering;
    long width =
        specs.stream()
            .filter(spec -> spec.shape().size() == 2)
            .mapToLong(spec -> spec.shape().getFirst())
            .reduce((first, last) -> last)
            .orElse(config.encoder().hiddenSize());
    long times = eachToken ? places : 1;
    return LayerTable.row(
        name,
        "dense",
        eachToken ? "(B, T, " + width + ")" : "(B, " + width + ")",
        specs,
        times * width,
        2 * size * times);
  }

  @Override
  public void write(Path target, Network network) throws IOException {
    ((TunedEncoder) EncoderTasks.encoder(network)).write(target);
    for (String file : TOKENIZER_FILES) {
      Path source = modules.encoder().resolve(file);
      if (Files.isRegularFile(source)) {
        Files.copy(source, target.resolve(file));
      }
    }
    if (task instanceof Contrastive) {
      SentenceFolder.write(target, modules.pooling(), config.encoder().hiddenSize(), longest);
    }
  }
}
