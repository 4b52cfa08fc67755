package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.nn.ParameterSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What tuning does with a score in the place of a decoder's head: it always learns. */
final class ScoreHead {
  /** PEFT's {@code task_type} of it. */
  static final String TASK = "SEQ_CLS";

  private static final String MODULE = "score";

  private ScoreHead() {}

  /** A method whose adapters bring the score along, as PEFT's do. */
  static TuningMethod learning(TuningMethod method) {
    List<String> modules = new ArrayList<>(Adapters.modulesToSave(method));
    if (modules.contains(MODULE)) {
      return method;
    }
    modules.add(MODULE);
    return switch (method) {
      case TuningMethod.Lora lora -> lora.withModulesToSave(modules);
      case TuningMethod.Qlora qlora -> qlora.withModulesToSave(modules);
      case TuningMethod.Adalora adalora -> adalora.withModulesToSave(modules);
      case TuningMethod.Ia3 ia3 -> ia3.withModulesToSave(modules);
      case TuningMethod.VirtualTokens _ ->
          throw new SlipwayException(
              Exit.USAGE,
              "tune.reward-method",
              "tune puts virtual tokens before the text of a reward model, expected another way of tuning",
              "write lora, qlora, adalora, ia3, bitfit or full");
      default -> method;
    };
  }

  /** The model's own parameters that learn, in its order. */
  static List<ParameterSpec> own(TuningMethod method, ScoringConfig config) {
    Set<String> chosen =
        Adapters.own(method, config.parameters()).stream()
            .map(ParameterSpec::name)
            .collect(Collectors.toSet());
    return config.parameters().stream()
        .filter(spec -> chosen.contains(spec.name()) || spec.name().equals(ScoringConfig.SCORE))
        .toList();
  }

  /** Whether a score is all that is learnt beside matrices. */
  static boolean isAlone(List<String> modules, DecoderConfig config) {
    return config instanceof ScoringConfig && modules.equals(List.of(MODULE));
  }

  /** Whether an adapter is of a model that scores. */
  static boolean isIn(Path adapter) {
    return PeftFolder.task(adapter).equals(TASK);
  }

  static SlipwayException noLanguageModel(Path adapter) {
    return new SlipwayException(
        Exit.INPUT,
        "model.scores",
        adapter + " is an adapter of a reward model, expected one of a language model",
        "ask it for rewards with `slipway score " + adapter + " --messages FILE`");
  }

  static SlipwayException missing(Path model, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "model.no-score",
        model + " is " + what + ", expected a reward model",
        "make one with task: reward-modelling in a recipe");
  }
}
