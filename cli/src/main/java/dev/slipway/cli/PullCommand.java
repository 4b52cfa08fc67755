package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.hub.FetchListener;
import dev.slipway.hub.Hub;
import dev.slipway.hub.RepoId;
import java.nio.file.Path;
import java.time.Duration;
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
    Path folder = Hub.usual(new Shown(Display.standard())).pull(RepoId.parse(model));
    output.print(Json.object().put("folder", folder.toString()), () -> folder + "\n");
    return 0;
  }

  /** The files on standard error, a line each. */
  record Shown(Display display) implements FetchListener {
    @Override
    public void started(String file, long resumed, long total) {
      display.phase("pull");
      if (resumed > 0) {
        display.detail(file + ": goes on behind " + Units.bytes(resumed));
      }
    }

    @Override
    public void progress(String file, long bytes, long total) {
      display.progress(file + "  " + Units.bytes(bytes) + " of " + Units.bytes(total));
    }

    @Override
    public void retrying(String file, String why, Duration wait) {
      display.detail(file + ": " + why + "; tried again");
    }

    @Override
    public void finished(String file, Path path) {
      display.done(file);
    }
  }
}
