import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';

/** Texts whose documents are kept: more than a plan has Dockerfiles. */
const MOST = 64;

const documents = new Map<string, Dockerfile>();

/** The document of a Dockerfile's text. Nothing changes a document, so that each text is parsed once. */
export function parseDockerfile(text: string): Dockerfile {
  const known = documents.get(text);
  if (known !== undefined) return known;
  const [oldest] = documents.keys();
  if (documents.size >= MOST && oldest !== undefined) documents.delete(oldest);
  const document = DockerfileParser.parse(text);
  documents.set(text, document);
  return document;
}
