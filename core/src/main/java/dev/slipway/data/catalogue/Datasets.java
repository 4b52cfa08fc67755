package dev.slipway.data.catalogue;

import dev.slipway.data.SplitName;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The catalogue. A sum is here only if it was published or if the file itself was read; the
 * description of each variant says which.
 */
public final class Datasets {
  private static final String PUBLISHED =
      "official file, with the sum that several projects publish";

  private static final String MNIST_LICENCE =
      "copyright by Yann LeCun and Corinna Cortes; CC BY-SA 3.0 according to Keras";

  /** Official addresses at the revision whose sums are known. */
  private static final String MULTI30K =
      "https://raw.githubusercontent.com/multi30k/dataset/"
          + "a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/";

  /** All of it, by name. */
  public static final List<Dataset> ALL =
      List.of(catsDogs(), germanCredit(), imdb(), mnist(), movieLens(), multi30k(), spokenDigits());

  private Datasets() {}

  /**
   * The dataset of this name.
   *
   * @throws dev.slipway.base.SlipwayException if there is none; it tells the names
   */
  public static Dataset named(String name) {
    return ALL.stream()
        .filter(dataset -> dataset.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> CatalogueProblems.unknownDataset(name, ALL.stream().map(Dataset::name).toList()));
  }

  private static Dataset imdb() {
    return new Dataset(
        "imdb",
        "Large Movie Review Dataset (IMDB)",
        "https://ai.stanford.edu/~amaas/data/sentiment/",
        "none stated; published for research, with a request to cite",
        "Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011",
        new Reading.LabelledTexts(List.of("**/unsup/**")),
        List.of(
            new Part(
                "archive",
                List.of(
                    URI.create("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz")),
                List.of(
                    new Variant(
                        "aclImdb_v1.tar.gz",
                        "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
                        84_125_825,
                        PUBLISHED + "; 25,000 training, 25,000 test and 50,000 unlabelled reviews"),
                    new Variant(
                        "aclImdb_v1.tar.gz",
                        "94d50342fd1dca1a9c9814dc4ada044e78a36c9c5bd73cae60f93b9e5fd914f9",
                        28_376_620,
                        "repacked without the unlabelled reviews; all 25,000 training and 25,000"
                            + " test reviews")))));
  }

  private static Dataset mnist() {
    return new Dataset(
        "mnist",
        "MNIST handwritten digits",
        "http://yann.lecun.com/exdb/mnist/",
        MNIST_LICENCE,
        "LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998",
        new Reading.Idx(),
        List.of(
            mnist(
                "train-images",
                "train-images-idx3-ubyte.gz",
                new String[] {
                  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                  "f39d0f7d2bcc31628a7b30bf6f034eb8c3fdb4f4f37a394711d45be88350ab57"
                },
                new long[] {9_912_422, 1_613_769},
                "10,000 of the 60,000 training pictures"),
            mnist(
                "train-labels",
                "train-labels-idx1-ubyte.gz",
                new String[] {
                  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                  "51ddaa567040c855557b00885623b489bdeb3fb1fee84580231173cd16a70992"
                },
                new long[] {28_881, 5_091},
                "the labels of 10,000 of the 60,000 training pictures"),
            mnist(
                "test-images",
                "t10k-images-idx3-ubyte.gz",
                new String[] {
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                  "167310007f03058885c7e95e6c0b19c20de5c7fd3031f4cbdadc9014a523d80b"
                },
                new long[] {1_648_877, 1_648_877},
                "the 10,000 test pictures packed again; unpacked the same bytes"),
            mnist(
                "test-labels",
                "t10k-labels-idx1-ubyte.gz",
                new String[] {
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                  "fc607395669ec21321ea83e4b82c0544b7e8e63ff5b34337c06bc0a17cc0da3c"
                },
                new long[] {4_542, 4_542},
                "the labels of the 10,000 test pictures packed again; unpacked the same bytes")));
  }

  /** Official sum and length first. */
  private static Part mnist(
      String part, String file, String[] sums, long[] bytes, String description) {
    return new Part(
        part,
        List.of(
            URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/" + file),
            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/" + file)),
        List.of(
            new Variant("mnist/" + file, sums[0], bytes[0], PUBLISHED),
            new Variant("mnist/" + file, sums[1], bytes[1], description)));
  }

  private static Dataset catsDogs() {
    return new Dataset(
        "cats-dogs",
        "Cats and dogs (Asirra)",
        "https://www.microsoft.com/en-us/download/details.aspx?id=54765",
        "Microsoft Download Center's terms; pictures from Petfinder.com",
        "Elson et al., Asirra: A CAPTCHA that Exploits Interest-Aligned Manual Image"
            + " Categorization, CCS 2007",
        new Reading.LabelledPictures(List.of("**/*.{jpg,jpeg,png}")),
        List.of(
            new Part(
                "archive",
                List.of(
                    URI.create(
                        "https://download.microsoft.com/download/3/E/1/"
                            + "3E1C3F21-ECDB-4869-8368-6DEBA77B919F/kagglecatsanddogs_5340.zip")),
                List.of(
                    new Variant(
                        "kagglecatsanddogs_5340.zip",
                        "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
                        824_887_076,
                        "official file, with the sum that one project publishes; 25,000 pictures,"
                            + " some of them broken"),
                    new Variant(
                        "cats-dogs-32.tar.gz",
                        "e4455276cefcca96bb2d43d5f1203fa4a63efff572a5fef0dd774dc8a5a203e1",
                        3_938_123,
                        "cats-dogs-32: 10,000 training and 2,000 test pictures of 32x32 pixels, of"
                            + " unknown selection")))));
  }

  private static Dataset germanCredit() {
    return new Dataset(
        "german-credit",
        "Statlog (German Credit Data)",
        "https://archive.ics.uci.edu/dataset/144/statlog+german+credit+data",
        "CC BY 4.0",
        "Hofmann, Statlog (German Credit Data), UCI Machine Learning Repository, 1994",
        new Reading.Table(
            new LinkedHashMap<>(),
            List.of(
                "checking_status",
                "duration",
                "credit_history",
                "purpose",
                "credit_amount",
                "savings_status",
                "employment",
                "installment_commitment",
                "personal_status",
                "other_parties",
                "residence_since",
                "property_magnitude",
                "age",
                "other_payment_plans",
                "housing",
                "existing_credits",
                "job",
                "num_dependents",
                "own_telephone",
                "foreign_worker",
                "class"),
            List.of("class")),
        List.of(
            new Part(
                "table",
                List.of(
                    URI.create(
                        "https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/"
                            + "german.data")),
                List.of(
                    new Variant(
                        "german.data",
                        "b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871",
                        79_793,
                        PUBLISHED),
                    new Variant(
                        "german.csv",
                        "ec12a88b9fc14d74ba646ea0410cf7ff4533bec2eb61652f8ad76796bbfec017",
                        79_793,
                        "the official file with a comma for each space, and else the same bytes")))));
  }

  private static Dataset movieLens() {
    SequencedMap<String, SplitName> entries = new LinkedHashMap<>();
    entries.put("ml-100k/ua.base", SplitName.TRAIN);
    entries.put("ml-100k/ua.test", SplitName.TEST);
    return new Dataset(
        "movielens-100k",
        "MovieLens 100K",
        "https://grouplens.org/datasets/movielens/100k/",
        "GroupLens: research, with acknowledgement; no redistribution and no commercial use without"
            + " permission",
        "Harper and Konstan, The MovieLens Datasets, ACM TiiS 5(4), 2015",
        new Reading.Table(
            entries, List.of("user", "item", "rating", "timestamp"), List.of("user", "item")),
        List.of(
            new Part(
                "archive",
                List.of(URI.create("https://files.grouplens.org/datasets/movielens/ml-100k.zip")),
                List.of(
                    new Variant(
                        "ml-100k.zip",
                        "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
                        4_924_029,
                        PUBLISHED),
                    new Variant(
                        "ml-100k.zip",
                        "af628671d65efc541f74d6b76604a922aa9153c31346fea7c3146f91c9982ad0",
                        1_467_899,
                        "repacked with ua.base and ua.test as the only split; u.data has the sum"
                            + " that projects publish")))));
  }

  private static Dataset multi30k() {
    return new Dataset(
        "multi30k",
        "Multi30k, English and German",
        "https://github.com/multi30k/dataset",
        "none stated with the files; made from Flickr30k, which is for non-commercial research and"
            + " education",
        "Elliott et al., Multi30K: Multilingual English-German Image Descriptions, 2016",
        new Reading.ParallelTexts(
            Map.of(
                "train", SplitName.TRAIN,
                "val", SplitName.VALIDATION,
                "test_2016_flickr", SplitName.TEST),
            "en",
            "de"),
        List.of(
            multi30k(
                "train.en",
                "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
                568_929),
            multi30k(
                "train.de",
                "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
                637_044),
            multi30k(
                "val.en",
                "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
                21_650),
            multi30k(
                "val.de",
                "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
                24_681),
            multi30k(
                "test_2016_flickr.en",
                "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
                21_077),
            multi30k(
                "test_2016_flickr.de",
                "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
                22_890)));
  }

  private static Part multi30k(String part, String sha256, long bytes) {
    return new Part(
        part,
        List.of(URI.create(MULTI30K + part + ".gz")),
        List.of(new Variant("multi30k/" + part + ".gz", sha256, bytes, PUBLISHED)));
  }

  private static Dataset spokenDigits() {
    return new Dataset(
        "spoken-digits",
        "Free Spoken Digit Dataset",
        "https://github.com/Jakobovski/free-spoken-digit-dataset",
        "CC BY-SA 4.0",
        "Jackson et al., Jakobovski/free-spoken-digit-dataset: v1.0.10, 2020",
        new Reading.NamedSounds(
            List.of("recordings/*.wav", "**/recordings/*.wav"),
            "(?<label>\\d)_(?<speaker>[a-z]+)_(?<index>\\d+)"),
        List.of(
            new Part(
                "archive",
                List.of(
                    URI.create(
                        "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/"
                            + "v1.0.10.zip")),
                List.of(
                    new Variant(
                        "free-spoken-digit-dataset-1.0.10.zip",
                        "c680098f5d2355ba7cc4bd8b0ca9e0a24c00ebe3b4c552208889a4d28d4fbc2b",
                        16_419_872,
                        "official release, packed by GitHub, with the sum that one project publishes;"
                            + " 3,000 recordings"),
                    new Variant(
                        "free-spoken-digit-dataset.tar.gz",
                        "366e9661ccf90bfc09386e6e284aae8503d99efa9c6c1c8563de80423f5bc573",
                        15_593_107,
                        "repacked recordings alone, 3,000 of them; that they are those of the"
                            + " release is not verified")))));
  }
}
