import { RunwrightError } from '../host/index.ts'

/**
 * Thrown where a test cannot judge the runtime: its outcome is then `broken`, whatever else it found.
 * The subclasses name the ways in which proof can be missing.
 */
export abstract class CannotJudgeError extends RunwrightError {}

/** A positive control failed: what should have worked without the fault did not work either. */
export class ControlFailedError extends CannotJudgeError {
  override readonly code = 'CONTROL_FAILED'
}

/** A check inside the container never reported, so nothing was observed. */
export class NothingObservedError extends CannotJudgeError {
  override readonly code = 'NOTHING_OBSERVED'
}

/** The test did not end within its deadline. */
export class TestDeadlineError extends CannotJudgeError {
  override readonly code = 'TEST_DEADLINE'
}

/** The run was stopped while the test was under way. */
export class RunStoppedError extends CannotJudgeError {
  override readonly code = 'RUN_STOPPED'
}
