package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.data.source.Source;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/** A path of the user's as the recipe's {@code data.source}. */
final class SourceSetting {
  private SourceSetting() {}

  /** In YAML's flow style, which JSON is. */
  static String of(Path path) {
    ObjectNode setting = Json.object();
    String absolute = path.toAbsolutePath().normalize().toString();
    switch (Source.detect(path.toAbsolutePath().normalize())) {
      case Source.Zip _ -> setting.putObject("zip").put("path", absolute);
      case Source.Folder _ -> setting.putObject("folder").put("path", absolute);
      case Source.Jsonl jsonl ->
          setting.putObject("jsonl").put("path", absolute).put("text", jsonl.text());
      case Source.Text _ -> setting.putObject("text").put("path", absolute);
      case Source.Parquet parquet ->
          setting.putObject("parquet").put("path", absolute).put("text", parquet.column());
      case Source.Rows _, Source.Derived _ ->
          throw new IllegalStateException("a file alone never says that it holds conversations");
    }
    return Json.MAPPER.writeValueAsString(setting);
  }
}
