package dev.slipway.recipe.run;

import dev.slipway.recipe.DataSettings.ConversationSource;
import dev.slipway.recipe.DataSettings.ExampleSource;
import dev.slipway.recipe.DataSettings.Source;
import java.nio.file.Path;

/**
 * How a source is called in a report and on a model card: without the folders of a particular
 * machine.
 */
public final class SourceText {
  private SourceText() {}

  /** A phrase. */
  public static String of(Source source) {
    return switch (source) {
      case Source.Zip zip ->
          "the zip `" + last(zip.path()) + "`, " + String.join(", ", zip.include());
      case Source.Folder folder ->
          "the folder `" + last(folder.path()) + "`, " + String.join(", ", folder.include());
      case Source.Jsonl jsonl ->
          "the JSON lines `" + last(jsonl.path()) + "`, field " + jsonl.text();
      case Source.Text text -> "the text `" + last(text.path()) + "`";
      case Source.Parquet parquet ->
          "the Parquet file `" + last(parquet.path()) + "`, column " + parquet.text();
      case ConversationSource.JavadocConversations javadoc ->
          "conversations made of the Javadoc in `" + last(javadoc.path()) + "`";
      case ConversationSource.Preferences(String path, var _) ->
          "preferences in `" + last(path) + "`";
      case ConversationSource conversations -> "conversations in `" + name(conversations) + "`";
      case ExampleSource examples -> "`" + name(examples) + "`";
    };
  }

  /** A short name. */
  public static String name(Source source) {
    return switch (source) {
      case Source.Zip(String path, var _, var _) -> last(path);
      case Source.Folder(String path, var _, var _) -> last(path);
      case Source.Jsonl(String path, String _) -> last(path);
      case Source.Text(String path, var _) -> last(path);
      case Source.Parquet(String path, String _) -> last(path);
      case ConversationSource.Conversations(String path, var _) -> last(path);
      case ConversationSource.Preferences(String path, var _) -> last(path);
      case ConversationSource.JavadocConversations javadoc -> last(javadoc.path());
      case ExampleSource.Dataset(String name) -> name;
      case ExampleSource.Pictures(String path, var _) -> last(path);
      case ExampleSource.Idx idx -> last(idx.images());
      case ExampleSource.Table table -> last(table.path());
      case ExampleSource.Texts(String path, var _) -> last(path);
      case ExampleSource.Records(String path) -> last(path);
      case ExampleSource.Sounds(String path, var _) -> last(path);
      case ExampleSource.Parallel pair -> last(pair.source()) + " and " + last(pair.target());
    };
  }

  private static String last(String path) {
    Path name = Path.of(path).getFileName();
    return name == null ? path : name.toString();
  }
}
