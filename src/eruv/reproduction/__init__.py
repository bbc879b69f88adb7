"""The paper's published figures as data, to print beside ours."""
