export { renderSummary } from './summary.js';
export {
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
} from './without-evidence.js';
