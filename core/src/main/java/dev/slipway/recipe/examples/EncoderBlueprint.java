package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.model.Network;
import dev.slipway.model.encoder.EncoderConfig;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoderConfig;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.SentenceFolder;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.model.sequential.LayerTable;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.task.Contrastive;
import dev.slipway.task.EncoderTasks;
import dev.slipway.task.Task;
import dev.slipway.task.TaskData;
import dev.slipway.tune.TunedEncoder;
import dev.slipway.tune.TuningMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A published encoder with the task's head.
 *
 * @param folder of the whole model; its encoder may lie in a folder of it
 * @param tokens of an example, about, for the forecast alone
 * @param longest most tokens of an example
 */
record EncoderBlueprint(
    Path folder,
    SentenceModules modules,
    TextEncoderConfig config,
    TuningMethod method,
    Task task,
    int tokens,
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

  /** Texts whose lengths are looked at. */
  private static final int SAMPLE = 256;

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
      longest = Math.max(longest, tokens.length());
    }
    if (task instanceof Contrastive && !modules.steps().stream().allMatch(EncoderBlueprint::kept)) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.unsupported-module",
          folder + " has dense layers behind its pooling, which are not tuned",
          "choose a model without them");
    }
    TunedEncoder.own(method, config); // refuses names that are nobody's before anything is read
    return new EncoderBlueprint(
        folder, modules, config, method, task, tokens(data, longest), longest);
  }

  private static boolean kept(SentenceModules.Step step) {
    return step instanceof SentenceModules.Step.Normalize;
  }

  private static void check(TokensFeature tokens, TextEncoderConfig config, Path folder) {
    EncoderConfig sizes = config.encoder();
    if (tokens.size() > sizes.vocabularySize()) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.tokenizer-mismatch",
          folder
              + " has a tokenizer with "
              + tokens.size()
              + " ids, expected at most the model's "
              + sizes.vocabularySize(),
          "put the tokenizer.json there that the model was trained with");
    }
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

  private static int tokens(TaskData data, int longest) {
    int[] members = data.members(SplitName.TRAIN);
    int[] some = Arrays.copyOf(members, Math.min(SAMPLE, members.length));
    long sum = 0;
    for (Feature feature : data.features()) {
      if (feature instanceof TokensFeature tokens && tokens.part() == TokensFeature.Part.IDS) {
        for (int member : some) {
          sum +=
              Objects.requireNonNull(data.encoded().inputs().get(feature.name()))
                  .gather(new int[] {member}, null)
                  .shape()[1];
        }
      }
    }
    return some.length == 0 ? longest : Math.max(1, Math.toIntExact(sum / some.length));
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
  public LayerTable table() {
    EncoderConfig sizes = config.encoder();
    Map<String, Long> parts = new LinkedHashMap<>();
    for (ParameterSpec spec : config.parameters()) {
      String bare = spec.name().replaceFirst("^" + config.family().prefix(), "");
      String[] names = bare.split("\\.");
      String part =
          names[0].equals("encoder") ? String.join(".", names[0], names[1], names[2]) : names[0];
      parts.merge(part, spec.numel(), Long::sum);
    }
    for (ParameterSpec spec : TunedEncoder.added(method, config)) {
      parts.merge("adapters", spec.numel(), Long::sum);
    }
    // Values that autograd keeps of a block: of each token and of each pair of tokens of a head.
    long kept =
        (12L * sizes.hiddenSize() + 3L * sizes.intermediateSize()) * longest
            + 3L * sizes.heads() * longest * longest;
    double mixing = 4.0 * tokens * tokens * sizes.hiddenSize();
    List<LayerTable.Row> rows = new ArrayList<>();
    parts.forEach(
        (part, size) -> {
          boolean block = part.startsWith("encoder.layer.");
          double flops = part.equals("embeddings") ? 0 : 2.0 * size * (block ? tokens : 1);
          rows.add(
              new LayerTable.Row(
                  part,
                  "",
                  "",
                  size,
                  block ? Float.BYTES * kept / 2 : 0,
                  flops + (block ? mixing : 0)));
        });
    return new LayerTable(rows);
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
