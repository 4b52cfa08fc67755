"""What scikit-learn gets where bench/yardsticks.sh measures Slipway's yardsticks: German credit over three shuffles of five stratified folds, IMDB's
test split by TF-IDF of words and pairs. Usage: SLIPWAY_DATASETS=FOLDER python bench/peers/yardsticks.py [credit|imdb]; needs yardsticks-requirements.txt."""
import os, sys, tarfile, time
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = os.environ["SLIPWAY_DATASETS"]


def credit():
    import csv
    rows = [r for r in csv.reader(open(f"{folder}/german.csv")) if r]
    x = np.array([r[:-1] for r in rows], dtype=object)
    y = np.array([int(r[-1] == "2") for r in rows])
    categories = [c for c in range(x.shape[1]) if x[0, c].startswith("A")]
    numbers = [c for c in range(x.shape[1]) if c not in categories]
    for name, model, scale in (("logistic regression", LogisticRegression(max_iter=5000), True), ("gradient boosting", GradientBoostingClassifier(random_state=0), False)):
        shuffles = []
        for seed in range(3):
            auc = []
            for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, y):
                prepare = ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore"), categories), ("n", StandardScaler() if scale else "passthrough", numbers)])
                fitted = make_pipeline(prepare, model).fit(x[train], y[train])
                auc.append(roc_auc_score(y[test], fitted.predict_proba(x[test])[:, 1]))
            shuffles.append(round(float(np.mean(auc)), 4))
        print("credit ", name, "AUC by shuffle", shuffles, flush=True)


def imdb():
    texts, labels = {"train": [], "test": []}, {"train": [], "test": []}
    with tarfile.open(f"{folder}/aclImdb_v1.tar.gz") as tar:
        for member in tar:
            parts = member.name.split("/")
            if member.isfile() and len(parts) == 4 and parts[2] in ("pos", "neg"):
                texts[parts[1]].append(tar.extractfile(member).read().decode())
                labels[parts[1]].append(int(parts[2] == "pos"))
    start = time.time()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    train = vectorizer.fit_transform(texts["train"])
    test = vectorizer.transform(texts["test"])
    fitted = LogisticRegression(C=10, max_iter=1000).fit(train, labels["train"])
    told = fitted.predict_proba(test)[:, 1]
    print(f"imdb    accuracy {accuracy_score(labels['test'], told >= 0.5):.4f}  AUC {roc_auc_score(labels['test'], told):.4f}  {time.time() - start:.1f} s", flush=True)


for what in sys.argv[1:] or ["credit", "imdb"]:
    {"credit": credit, "imdb": imdb}[what]()
