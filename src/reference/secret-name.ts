/** Words that name a secret, also with something in front: `ghtoken`, `DBPASSWORD`. */
const SECRET = /(token|secrets?|passwords?|passwd|passphrase|credentials?)$/i;

/** `smtpPass`, at the end of a name alone; of these words the ending is no password. */
const PASS = /(?<!^(?:ask|by|com|encom|multi|over|sur|tres|under))pass$/i;

const KEY = /^(private|api|access|secret)_?key$/i;

/** `npmAuthToken` and `NPM_AUTH-TOKEN` as `npm`, `auth`, `token`. */
function wordsOf(name: string): readonly string[] {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').split(/[^A-Za-z0-9]+/);
}

/**
 * Whether a name of a variable, an option or a setting says that its value is a secret.
 * Such values are refused where they would be recorded, and masked where they are shown.
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  const pairs = words.map((word, at) => `${words[at - 1] ?? ''}_${word}`);
  return (
    words.some((word) => SECRET.test(word)) ||
    [...words, ...pairs].some((word) => KEY.test(word)) ||
    PASS.test(words.at(-1) ?? '')
  );
}

/**
 * Whether a value of that name might be a secret: for what is only kept from other
 * programs, where a name too many does no harm.
 */
export function mayBeSecretName(name: string): boolean {
  return isSecretName(name) || /AUTH|CREDENTIAL|PASS|SECRET|TOKEN|_KEY|_PAT$/i.test(name);
}
