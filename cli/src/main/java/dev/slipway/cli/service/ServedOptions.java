package dev.slipway.cli.service;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.platform.engine.LanguageModelEngine;
import dev.slipway.platform.engine.ModelText;
import dev.slipway.platform.server.TextModels;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.tune.LowRankAdapter;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.weights.Residence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a service is to have beside its first model, and by what names. */
public final class ServedOptions {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What requests call the first model (default: its folder's or run's name).")
  private @Nullable String name;

  @Option(
      names = "--model",
      paramLabel = "NAME=MODEL",
      description = "A further model, and what requests call it; may be given several times.")
  private List<String> models = List.of();

  @Option(
      names = "--adapter",
      paramLabel = "[NAME=]DIR",
      description =
          "A LoRA adapter of the first model, in PEFT's format, or a run that made one, and what requests call it; may be"
              + " given several times. They share the model's weights and are answered together.")
  private List<String> adapters = List.of();

  @Option(
      names = "--adapter-root",
      paramLabel = "DIR",
      description = "Lets /v1/load_lora_adapter load adapters from below this folder.")
  private @Nullable Path adapterRoot;

  @Option(
      names = "--split",
      paramLabel = "NAME=A:SHARE,B:SHARE",
      description =
          "A name whose requests are shared out among models and adapters, such as chat=old:0.9,new:0.1.")
  private List<String> splits = List.of();

  @Option(
      names = "--kv-cache-tokens",
      paramLabel = "N",
      description =
          "Tokens of texts that keys and values are kept of, for each model (default: 32 texts of up to 2,048, within a"
              + " quarter of the memory of the machine or container).")
  private long cacheTokens;

  /** One model by a name. */
  static ServedOptions named(String name) {
    ServedOptions options = new ServedOptions();
    options.name = name;
    return options;
  }

  /** Nothing beside the first model. */
  boolean isPlain() {
    return models.isEmpty()
        && adapters.isEmpty()
        && adapterRoot == null
        && splits.isEmpty()
        && cacheTokens == 0;
  }

  /** What requests call the first model where it has no adapter. */
  String name(Path model) {
    if (name != null && name.isBlank()) {
      throw usage("--name is '" + name + "'", "a name");
    }
    return name == null ? ModelPath.name(model) : name;
  }

  private record Named(String name, Path path) {}

  private static Named adapter(String given) {
    int at = given.indexOf('=');
    return at < 0
        ? new Named(ModelPath.name(Path.of(given)), Path.of(given))
        : new Named(given.substring(0, at), Path.of(given.substring(at + 1)));
  }

  private static Named named(String option, String given) {
    int at = given.indexOf('=');
    if (at < 1 || at == given.length() - 1) {
      throw usage(option + " is '" + given + "'", "NAME=DIR");
    }
    return adapter(given);
  }

  /** All that is to be served, not yet opened. */
  TextModels models(Path first, DtypeOption dtype, SpeculateOption speculate) {
    // What can't be is told before anything listens.
    BatchedModel.Options plain = dtype.engine().withCacheTokens(cacheTokens);
    AdaptedModel given = AdaptedModel.of(first, null);
    List<Named> beside = new ArrayList<>();
    if (given.adapter() != null) {
      beside.add(new Named(name(first), given.adapter()));
    }
    for (String each : adapters) {
      Named adapter = each.contains("=") ? named("--adapter", each) : adapter(each);
      beside.add(new Named(adapter.name, ModelPath.folder(adapter.path)));
    }
    String base = given.adapter() == null ? name(first) : baseName(given.base());
    // An adapter without a name of its own is what the command line asks for; one with a name is
    // beside the model.
    boolean adapted =
        given.adapter() != null || adapters.size() == 1 && !adapters.getFirst().contains("=");
    String byDefault = adapted ? beside.getFirst().name : base;
    List<TextModels.Model> all = new ArrayList<>();
    List<TextModels.Adapter> batched = new ArrayList<>();
    if (beside.size() == 1 && !LowRankAdapter.batches(given.base(), beside.getFirst().path)) {
      // Alone it can be put around the whole model, which then answers by libtorch.
      Named around = beside.getFirst();
      byDefault = around.name;
      all.add(model(around.name, new AdaptedModel(given.base(), around.path), plain, speculate));
    } else {
      all.add(model(base, new AdaptedModel(given.base(), null), plain, speculate));
      beside.forEach(each -> batched.add(new TextModels.Adapter(each.name, base, each.path)));
    }
    for (String each : models) {
      Named further = named("--model", each);
      all.add(model(further.name, AdaptedModel.of(further.path, null), plain, speculate));
    }
    return new TextModels(
        all, batched, splits.stream().map(ServedOptions::split).toList(), adapterRoot, byDefault);
  }

  /** The run's name for a model within a run. */
  private static String baseName(Path base) {
    Path run = base.toAbsolutePath().normalize().getParent();
    return ModelPath.name(run != null && Files.exists(run.resolve("recipe.yaml")) ? run : base);
  }

  private static TextModels.Split split(String given) {
    int at = given.indexOf('=');
    SequencedMap<String, Double> shares = new LinkedHashMap<>();
    if (at > 0) {
      for (String part : given.substring(at + 1).split(",", -1)) {
        int colon = part.lastIndexOf(':');
        shares.put(part.substring(0, Math.max(0, colon)), share(given, part.substring(colon + 1)));
      }
    }
    return new TextModels.Split(at > 0 ? given.substring(0, at) : given, shares);
  }

  private static double share(String given, String number) {
    try {
      return Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.models",
          "--split is '" + given + "', expected such as chat=old:0.9,new:0.1",
          "write a share behind each name",
          e);
    }
  }

  private static SlipwayException usage(String came, String expected) {
    return new SlipwayException(
        Exit.USAGE, "serve.models", came + ", expected " + expected, "change the option");
  }

  private static TextModels.Model model(
      String name, AdaptedModel named, BatchedModel.Options plain, SpeculateOption speculate) {
    // Begun at once, beside the service's own parts.
    AtomicReference<@Nullable ModelText> first = new AtomicReference<>(text(named));
    return new TextModels.Model(
        name,
        again -> {
          ModelText begun = first.getAndSet(null);
          return engine(named, begun == null ? text(named) : begun, again, plain, speculate);
        });
  }

  private static ModelText text(AdaptedModel named) {
    return ModelText.begin(named.base(), named.text());
  }

  private static LanguageModelEngine engine(
      AdaptedModel named,
      ModelText text,
      boolean again,
      BatchedModel.Options plain,
      SpeculateOption speculate) {
    BatchedModel.Options options =
        plain.withBatching(plain.batching().withDrafting(speculate.open(text::tokenizer, plain)));
    Path evaluation = named.base().resolve("evaluation.json");
    Double bitsPerByte =
        named.adapter() == null && Files.exists(evaluation)
            ? Json.read(evaluation, Evaluation.class).metrics().bitsPerByte().estimate()
            : null;
    BatchedModel model = batched(named, text, again, options);
    if (speculate.isAsked()) {
      SpeculateOption.requireUncut(model.batcher().network(), named.base().toString());
    }
    return LanguageModelEngine.of(
        model,
        new LanguageModelEngine.Source(
            named.base(),
            named.text(),
            PretrainedDecoder.config(named.base()).parameterCount(),
            bitsPerByte,
            adapter -> LowRankAdapter.open(named.base(), adapter)),
        text);
  }

  /**
   * Kernels read weights once; others go on reading them, so that they get memory of their own, and
   * so does what is opened while requests are answered.
   */
  private static BatchedModel batched(
      AdaptedModel named, ModelText text, boolean again, BatchedModel.Options options) {
    if (named.adapter() == null) {
      boolean mapped = !again && LowRankAdapter.hasKernels(named.base());
      return BatchedModel.open(
          ModelFolder.at(named.base()).in(mapped ? Residence.MAPPED_ONCE : Residence.COPIED),
          text.tokenizer(),
          options);
    }
    TunedDecoder tuned =
        TunedDecoder.answering(
            named.base(), Residence.COPIED, named.adapter(), options.computeType());
    return BatchedModel.of(
        text.tokenizer(),
        PretrainedDecoder.specialIds(named.base()),
        tuned.network(),
        options,
        tuned::close);
  }
}
