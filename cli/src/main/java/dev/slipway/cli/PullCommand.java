package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.PullDisplay;
import dev.slipway.hub.Hub;
import dev.slipway.hub.RepoId;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description =
        "Downloads a model from the Hugging Face hub into the cache that Python uses too, and prints its folder.",
    footer = {
      "",
      "HF_ENDPOINT names another hub, HF_TOKEN a token, HF_HOME or HF_HUB_CACHE the cache."
    })
final class PullCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ORG/NAME[@REVISION]", description = "As the model's page has it.")
  private String model = "";

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Path folder = Hub.usual(new PullDisplay(Display.standard())).pull(RepoId.parse(model));
    output.print(Json.object().put("folder", folder.toString()), () -> folder + "\n");
    return 0;
  }
}
