package dev.slipway.platform.server;

import dev.slipway.base.AtomicFiles;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.batch.Batcher;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model folder of real shape and no learning: what is served is real, what it says is not. */
final class TinyModel {
  private static final List<String> JAVA =
      List.of(
          "public int size() {\n    return size;\n}\n",
          "public boolean isEmpty() {\n    return size == 0;\n}\n",
          "for (int i = 0; i < a.length; i++) {\n    sum += a[i];\n}\n");

  private TinyModel() {}

  static ModelServer serve(Path folder, ServeOptions options, List<? extends Pages> pages) {
    Path model = folder.resolve("model");
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
      parameters.initialise(7);
      GptFolder.save(model, config, parameters, SpecialIds.one(0), DType.FLOAT32, Map.of());
    }
    Tokenizers.write(tokenizer, model, config.context());
    AtomicFiles.write(
        model.resolve("chat_template.jinja"),
        "{% if tools %}{# as <tool_call> #}tools: {{ tools | length }}\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant:{% endif %}");
    return ModelServer.start(
        options,
        "tiny",
        () ->
            LanguageModelEngine.open(
                model,
                new BatchedModel.Options(DType.FLOAT32, 2048, Batcher.Settings.DEFAULT),
                config.parameterCount(),
                4.5),
        pages);
  }
}
