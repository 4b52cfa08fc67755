package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** Modules that learn whole beside an adapter, as PEFT's {@code modules_to_save} names them. */
final class ModulesToSave {
  private ModulesToSave() {}

  /** Whether a module, or one that it is in, has one of these names or ends with it after a dot. */
  static boolean isIn(List<String> modules, String name) {
    return modules.stream().anyMatch(module -> ("." + name + ".").contains("." + module + "."));
  }

  /**
   * The model's own parameters that learn with an adapter.
   *
   * @throws SlipwayException {@code tune.no-module} where the model has no such module
   */
  static List<ParameterSpec> of(List<ParameterSpec> parameters, List<String> modules) {
    for (String module : modules) {
      if (parameters.stream().noneMatch(spec -> isIn(List.of(module), owner(spec)))) {
        throw new SlipwayException(
            Exit.INPUT,
            "tune.no-module",
            "the model has no module " + module + ", which is to learn with the adapter",
            "name modules as the checkpoint does, such as embed_tokens");
      }
    }
    return parameters.stream().filter(spec -> isIn(modules, owner(spec))).toList();
  }

  /** Whether a parameter is of one of these modules. */
  static boolean isOf(List<String> modules, ParameterSpec spec) {
    return isIn(modules, owner(spec));
  }

  private static String owner(ParameterSpec spec) {
    return spec.name().substring(0, Math.max(0, spec.name().lastIndexOf('.')));
  }
}
