package dev.slipway.tokenizer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Counts the words of documents on several threads. Of the documents only a few megabytes are in
 * memory at a time; the words grow with the text's own variety.
 */
final class WordCounter {
  private static final int BATCH_CHARACTERS = 1 << 18;

  private final int threads;
  private final BpeTrainingListener listener;
  private final ConcurrentLinkedDeque<WordCounts> idle = new ConcurrentLinkedDeque<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Semaphore inFlight;

  WordCounter(int threads, BpeTrainingListener listener) {
    this.threads = threads;
    this.listener = listener;
    inFlight = new Semaphore(threads * 2);
  }

  WordCounts count(Iterator<String> documents) {
    long documentCount = 0;
    long characterCount = 0;
    try (ExecutorService workers =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("tokenizer-", 0).factory())) {
      while (documents.hasNext() && failure.get() == null) {
        List<String> batch = new ArrayList<>();
        int characters = 0;
        while (documents.hasNext() && characters < BATCH_CHARACTERS) {
          String document = documents.next();
          batch.add(document);
          characters += document.length();
        }
        inFlight.acquire();
        workers.execute(() -> countBatch(batch));
        documentCount += batch.size();
        characterCount += characters;
        listener.counting(documentCount, characterCount);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          Exit.INTERRUPTED,
          "tokenizer.interrupted",
          "the training of the tokenizer was interrupted",
          "start it again",
          e);
    }
    Throwable thrown = failure.get();
    if (thrown instanceof OutOfMemoryError) {
      throw tooManyWords(thrown);
    }
    if (thrown != null) {
      throw new IllegalStateException("counting words failed", thrown);
    }
    try {
      WordCounts all = idle.isEmpty() ? new WordCounts() : idle.pop();
      idle.forEach(all::addAll);
      return all;
    } catch (OutOfMemoryError e) {
      throw tooManyWords(e);
    }
  }

  private SlipwayException tooManyWords(Throwable cause) {
    idle.clear();
    return new SlipwayException(
        Exit.RESOURCE,
        "tokenizer.memory",
        "the distinct words of the documents do not fit in the heap of "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MB",
        "train the tokenizer on fewer documents or give Java a larger heap with -Xmx",
        cause);
  }

  private void countBatch(List<String> batch) {
    try {
      WordCounts counts = idle.pollFirst();
      if (counts == null) {
        counts = new WordCounts();
      }
      for (String document : batch) {
        counts.addText(document);
      }
      idle.push(counts);
    } catch (Throwable e) { // lack of memory, too: who waits for the counts throws it
      failure.compareAndSet(null, e);
    } finally {
      inFlight.release();
    }
  }
}
