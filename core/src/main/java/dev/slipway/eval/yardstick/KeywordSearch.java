package dev.slipway.eval.yardstick;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * What search by words finds: Lucene's BM25 (Robertson and Zaragoza 2009) over English stems
 * without stop words, in memory.
 */
public final class KeywordSearch implements AutoCloseable {
  private static final String FIELD = "text";

  /** Held on to, so that what is set here stays. */
  private static final Logger LIBRARY = Logger.getLogger("org.apache.lucene");

  static {
    LIBRARY.setLevel(Level.WARNING); // else it tells on stderr which vectors it took
  }

  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final EnglishAnalyzer analyzer = new EnglishAnalyzer();
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  /** Indexes texts. */
  public KeywordSearch(List<String> texts) {
    try {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
        for (String text : texts) {
          Document document = new Document();
          document.add(new TextField(FIELD, text, Field.Store.NO));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      reader = DirectoryReader.open(directory);
      searcher = new IndexSearcher(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Texts that have some of the query's words, the best first, by their place in the list. */
  public List<Integer> find(String text, int most) {
    try {
      Query query = new QueryBuilder(analyzer).createBooleanQuery(FIELD, text);
      List<Integer> found = new ArrayList<>();
      if (query != null) {
        for (ScoreDoc hit : searcher.search(query, most).scoreDocs) {
          found.add(hit.doc);
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
      directory.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    analyzer.close();
  }
}
