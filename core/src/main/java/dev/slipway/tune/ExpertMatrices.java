package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * LoRA's matrices beside one of the stacked parameters that transformers 5 keeps the experts of a
 * mixture in, as PEFT's {@code target_parameters} chooses and saves them: {@code gate_up_proj} (E,
 * 2 · inner, in) and {@code down_proj} (E, out, inner). A model's files have these as matrices of
 * their own, {@code experts.0.gate_proj} and so on.
 *
 * <p>PEFT puts a wrapper around the module for each parameter, in their order, so that the first
 * one's matrices lie deepest. A is (E · r, in), expert by expert; B is (out, r · E), with the
 * experts of a rank side by side (PEFT 0.21, {@code lora.ParamWrapper}).
 *
 * @param module such as {@code model.layers.0.mlp.experts}
 * @param stored the module as the file has it, with a {@code .base_layer} for each further wrapper
 * @param parameter {@code gate_up_proj} or {@code down_proj}
 */
record ExpertMatrices(String module, String stored, String parameter) {
  private static final Pattern STORED =
      Pattern.compile("((?:.*\\.)?experts)((?:\\.base_layer)*)\\.lora_[AB]\\.weight");

  /** In the order in which transformers declares them. */
  private static final List<String> PARAMETERS = List.of("gate_up_proj", "down_proj");

  private static final int LAYER = ".base_layer".length();

  /**
   * Those of which a file holds matrices.
   *
   * @param names of the file's tensors, without PEFT's prefix
   * @param config the {@code adapter_config.json}
   */
  static List<ExpertMatrices> of(Collection<String> names, JsonNode config) {
    List<ExpertMatrices> found = new ArrayList<>();
    for (String name : names) {
      Matcher matcher = STORED.matcher(name);
      if (!matcher.matches()) {
        continue;
      }
      String module = matcher.group(1);
      List<String> chosen =
          PARAMETERS.stream().filter(each -> isChosen(module + "." + each, config)).toList();
      int place = chosen.size() - 1 - matcher.group(2).length() / LAYER;
      if (place >= 0) {
        ExpertMatrices one =
            new ExpertMatrices(module, module + matcher.group(2), chosen.get(place));
        if (!found.contains(one)) {
          found.add(one);
        }
      }
    }
    return found;
  }

  private static boolean isChosen(String name, JsonNode config) {
    for (JsonNode each : config.path("target_parameters")) {
      if (name.equals(each.asString()) || name.endsWith("." + each.asString())) {
        return true;
      }
    }
    return false;
  }

  /** PEFT's name of the parameter, by which {@code alpha_pattern} finds it. */
  String name() {
    return module + "." + parameter;
  }

  /** Whether a parameter of the model's is a part of it. */
  boolean holds(String weight) {
    return parts().stream().anyMatch(part -> weight.matches(pattern(part)));
  }

  private String pattern(String part) {
    return Pattern.quote(module + ".") + "[0-9]+" + Pattern.quote("." + part + ".weight");
  }

  private List<String> parts() {
    return parameter.equals("down_proj") ? List.of("down_proj") : List.of("gate_proj", "up_proj");
  }

  /** E in the model. */
  int experts(ParameterSet parameters) {
    int experts = 0;
    while (parameters.has(weight(experts, parts().getFirst()))) {
      experts++;
    }
    return experts;
  }

  /** (E, out, in) in the model. */
  long[] shape(ParameterSet parameters) {
    long[] one = parameters.value(weight(0, parts().getFirst())).shape();
    return new long[] {experts(parameters), one[0] * parts().size(), one[1]};
  }

  private String weight(int expert, String part) {
    return module + "." + expert + "." + part + ".weight";
  }

  /**
   * Adds what both matrices make to each expert's weights.
   *
   * @param a (E · r, in)
   * @param b (out, r · E)
   * @param scale α / r
   */
  void add(Tensor a, Tensor b, double scale, ParameterSet parameters) {
    int experts = experts(parameters);
    long rank = a.shape()[0] / experts;
    Tensor ofB = b.reshape(b.shape()[0], rank, experts); // (out, r, E)
    for (int expert = 0; expert < experts; expert++) {
      Tensor mine = ofB.narrow(2, expert, 1).squeeze(2).contiguous(); // (out, r)
      Tensor added = mine.matmul(a.narrow(0, expert * rank, rank)).mul(scale); // (out, in)
      long rows = added.shape()[0] / parts().size();
      for (int part = 0; part < parts().size(); part++) {
        Tensor weight = parameters.value(weight(expert, parts().get(part)));
        weight.copyInPlace(weight.add(added.narrow(0, part * rows, rows)));
      }
    }
  }
}
