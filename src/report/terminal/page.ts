import type { Report } from '../model/index.js';
import type { Style } from './style.js';

/** What all parts of a report in a terminal need. */
export interface Page {
  readonly report: Report;
  readonly width: number;
  readonly style: Style;
  readonly evidenceFile?: string;
}
