package dev.slipway.platform.server;

import dev.slipway.base.AtomicFiles;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.batch.Batcher;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.platform.engine.LanguageModelEngine;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tune.Adapter;
import dev.slipway.tune.Adapters;
import dev.slipway.tune.LowRankAdapter;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TuningMethod;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A model folder of real shape and no learning: what is served is real, what it says is not. */
public final class TinyModel {
  private static final List<String> JAVA =
      List.of(
          "public int size() {\n    return size;\n}\n",
          "public boolean isEmpty() {\n    return size == 0;\n}\n",
          "for (int i = 0; i < a.length; i++) {\n    sum += a[i];\n}\n");

  private TinyModel() {}

  static ModelServer serve(Path folder, ServeOptions options, List<? extends Pages> pages) {
    Path model = folder.resolve("model");
    write(model, 7);
    return ModelServer.start(options, "tiny", () -> open(model), pages);
  }

  /** An engine of what {@link #write} wrote, which takes adapters. */
  static LanguageModelEngine open(Path model) {
    return LanguageModelEngine.of(
        BatchedModel.open(
            model, new BatchedModel.Options(DType.FLOAT32, 2048, Batcher.Settings.DEFAULT)),
        new LanguageModelEngine.Source(
            model, model, 0, 4.5, adapter -> LowRankAdapter.open(model, adapter)));
  }

  /**
   * @param seed of its weights
   */
  public static void write(Path model, int seed) {
    Tokenizer tokenizer = BpeTrainer.train(JAVA.iterator(), BpeConfig.ofSize(300));
    GptConfig config =
        new GptConfig(
            GptConfig.Layout.LLAMA,
            tokenizer.vocabularySize(),
            256,
            32,
            2,
            2,
            2,
            16,
            64,
            true,
            1e-5,
            10_000);
    try (ParameterSet parameters = ParameterSet.frozen(config.parameters())) {
      parameters.initialise(seed);
      GptFolder.save(model, config, parameters, SpecialIds.one(0), DType.FLOAT32, Map.of());
    }
    Tokenizers.write(tokenizer, model, config.context());
    AtomicFiles.write(
        model.resolve("chat_template.jinja"),
        "{% if tools %}{# as <tool_call> #}tools: {{ tools | length }}\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant:{% endif %}");
  }

  /** An adapter of such a model that changes what it says. */
  static void writeAdapter(Path model, Path folder, int seed) {
    try (PretrainedDecoder opened = PretrainedDecoder.open(model, DType.FLOAT32);
        Adapter adapter =
            Adapters.attach(
                TuningMethod.Lora.of(4, 8, new Targets.AllLinear(), false, false),
                opened.network().projections().values(),
                seed);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      SplittableRandom random = new SplittableRandom(seed);
      for (ParameterSpec spec : adapter.parameters().specs()) {
        if (spec.name().endsWith(".lora_B.weight")) {
          Tensor value = adapter.parameters().value(spec.name());
          float[] drawn = new float[Math.toIntExact(value.numel())];
          for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (float) (random.nextDouble() - 0.5);
          }
          value.copyInPlace(Tensor.of(drawn, value.shape()));
        }
      }
      PeftFolder.write(folder, adapter, "tiny");
    }
  }
}
