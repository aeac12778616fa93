interface IconProps {
  readonly path: string;
}

function Icon({ path }: IconProps) {
  return (
    <svg aria-hidden="true" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor">
      <path d={path} strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

export const CloseIcon = () => <Icon path="M4.5 4.5l7 7m0-7l-7 7" />;
export const CheckIcon = () => <Icon path="M3.5 8.5l3 3 6-7" />;
export const MoreIcon = () => <Icon path="M3.5 8h.01M8 8h.01M12.5 8h.01" />;
export const SearchIcon = () => <Icon path="M10.4 10.4L13.5 13.5M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z" />;
export const ChevronIcon = () => <Icon path="M6 4l4 4-4 4" />;
export const UpIcon = () => <Icon path="M8 12.5v-9m0 0L4 7.5m4-4l4 4" />;
export const UndoIcon = () => <Icon path="M6 3.5L3 6.5l3 3M3.5 6.5H9a3.5 3.5 0 0 1 0 7H7" />;
export const RedoIcon = () => <Icon path="M10 3.5l3 3-3 3M12.5 6.5H7a3.5 3.5 0 0 0 0 7h2" />;
