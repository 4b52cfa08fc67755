package dev.slipway.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Shards of made-up texts that can be learnt a little, for tests of other packages. */
public final class SyntheticShards {
  private static final String[] WORDS = {
    "public", "static", "void", "return", "int", "slip", "way", "(", ")", ";", "{", "}"
  };

  private SyntheticShards() {}

  /** Vocabulary 257: bytes plus the start token. */
  public static TokenShards write(Path folder, int trainDocuments, int validationDocuments) {
    return TokenShards.write(
        folder,
        split ->
            switch (split) {
              case TRAIN -> texts("train", trainDocuments, 1);
              case VALIDATION -> texts("validation", validationDocuments, 2);
              case TEST -> List.of();
            },
        -1,
        new ByteTokenizer(257),
        ByteTokenizer.START,
        ByteTokenizer.START,
        1,
        PreparationListener.NONE);
  }

  private static List<Document> texts(String name, int count, long seed) {
    Random random = new Random(seed);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int words = 5 + random.nextInt(40);
      for (int word = 0; word < words; word++) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
      }
      documents.add(new Document(String.format(Locale.ROOT, "%s-%03d", name, i), text.toString()));
    }
    return documents;
  }
}
